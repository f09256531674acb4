import type { Node, Value } from "../../ir/graph.js";
import { leafOf } from "./leaf.js";
import type { CallStage, Given, Owned } from "./sketch.js";

/** How a node is written: stages one after another, a merge of operands, or a list that `let` takes apart. */
export type Written =
  | { readonly kind: "stages"; readonly stages: readonly CallStage[]; readonly input: Value }
  | {
      readonly kind: "merge";
      readonly callee: string;
      readonly given: readonly Given[];
      readonly operands: readonly (Value | number)[];
    }
  | { readonly kind: "parts"; readonly stage: CallStage; readonly input: Value }
  /** Why the language has no words for it. */
  | { readonly kind: "unwritable"; readonly reason: string };

/** A node without words. */
export const unwritable = (reason: string): Written => ({ kind: "unwritable", reason });

/** One stage. */
export const stageOf = (
  { name }: Node,
  callee: string,
  given: readonly Given[] = [],
  owned: readonly Owned[] = [],
): CallStage => ({ kind: "call", callee, given, owned, name });

/** Stages one after another. */
export const chain = (input: Value, ...stages: readonly CallStage[]): Written => ({
  kind: "stages",
  stages,
  input,
});

/** One stage that owns the operands named, each of which must be known. */
export function call(
  node: Node,
  input: Value,
  callee: string,
  given: readonly Given[],
  owned: Readonly<Record<string, Value | undefined>> = {},
): Written {
  const tensors: Owned[] = [];
  for (const [name, value] of Object.entries(owned)) {
    if (!value) continue;
    const leaf = leafOf(value);
    if (!leaf) return unwritable(`its ${name} is computed while the model runs`);
    tensors.push({ name, value: leaf, shape: value.type.shape });
  }
  return chain(input, stageOf(node, callee, given, tensors));
}
