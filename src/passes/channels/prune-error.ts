import type { Graph } from "../../ir/graph.js";
import { graphOf } from "../../ir/order.js";
import { sizeOf } from "../../ir/types.js";
import type { Calibration, Sample } from "../calibration.js";
import { withConvOperands } from "../conv-node.js";
import { differenceOf, relativeError } from "../grants/measure-error.js";
import { type Substitutes, substitute } from "../grants/substitute.js";
import type { Filters } from "./filters.js";
import type { Choice } from "./prune-choices.js";
import { mostNumbers } from "./prune-sizes.js";

/** By reader, the relative error of its result without the channels of some choices. */
export type ErrorsOf = (choices: readonly Choice[], substitutes: Substitutes) => readonly number[];

/** Errors as predicted: e² = Σ e²(k) over the channels that go. */
export const predictedErrors =
  (readers: readonly Filters[]): ErrorsOf =>
  (choices) =>
    readers.map((_, at) => Math.sqrt(choices.reduce((sum, { costs }) => sum + costs[at]!, 0)));

/**
 * Errors measured on held-out data: what each reader, as it was, gives for what arrives without the channels,
 * against what it gives for what arrived before.
 */
export function measuredErrors(
  graph: Graph,
  made: Substitutes,
  readers: readonly Filters[],
  { heldOut, compute }: Calibration,
): ErrorsOf {
  const outputs = readers.map(({ node }, at) => ({
    name: String(at),
    value: withConvOperands(node, node.operands),
  }));
  const numbers = outputs.reduce((sum, { value }) => sum + sizeOf(value.type.shape), 0);
  const samples = heldOut.slice(0, Math.max(1, Math.floor(mostNumbers / numbers)));
  const part = graphOf({ ...graph, outputs });
  const resultsWith = (substitutes: Substitutes): readonly Sample[] =>
    compute(substitute(part, substitutes), samples);
  let expected: readonly Sample[] | undefined;
  return (_, substitutes) => {
    expected ??= resultsWith(made);
    const before = expected;
    const after = resultsWith(substitutes);
    return outputs.map(({ name }) =>
      relativeError(before.map((old, at) => differenceOf(after[at]!.get(name)!, old.get(name)!))),
    );
  };
}
