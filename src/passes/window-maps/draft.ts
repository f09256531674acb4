import { type Node, operandsOf, type Value } from "../../ir/graph.js";
import { inOrder } from "../../ir/order.js";
import { sizeOf } from "../../ir/types.js";
import type { PassContext } from "../pass.js";
import { predictAll } from "../structural-pass.js";
import { convolutionOf } from "./convolution-of.js";
import type { WindowMap } from "./window-map.js";

/** How many bytes constants may grow by for the sake of time. */
const mostGrowth = 64 * 1024;

/** What a map as one convolution would save, of the nodes that it stands in for. */
export interface Saving {
  /** Predicted milliseconds; negative when it would take longer. */
  readonly ms: number;
  /** Whether weights and constants stay about as large. */
  readonly isModest: boolean;
}

/** What a map would save; undefined when no convolution computes it. Its weights are not computed. */
export function savingOf(
  map: WindowMap,
  replaces: readonly Node[],
  context: PassContext,
): Saving | undefined {
  const draft = convolutionOf(map, {}, "draft");
  if (!draft) return undefined;
  const added = nodesBehind(draft, map.input);
  const growth = constantBytes(added) - constantBytes(replaces);
  const ms = predictAll(replaces, context) - predictAll(added, context);
  return { ms, isModest: growth <= mostGrowth };
}

const nodesBehind = (value: Value, input: Value): Node[] =>
  inOrder([value.node], (node) => node === input.node);

/** Bytes of the constants that nodes read, each once. */
function constantBytes(nodes: readonly Node[]): number {
  const read = nodes.flatMap((node) => operandsOf(node).map((value) => value.node));
  return [...new Set(read)].reduce(
    (sum, node) => (node.op === "constant" ? sum + 4 * sizeOf(node.attrs.shape) : sum),
    0,
  );
}
