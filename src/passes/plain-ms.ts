import { macsOf } from "../ir/cost.js";
import { type Node, operandsOf } from "../ir/graph.js";
import { sizeOf } from "../ir/types.js";
import { viewOperators } from "../ir/views.js";

/** Multiply-accumulates and elements read or written that a core does in a millisecond. */
const macsPerMs = 20e6;
const elementsPerMs = 5e6;

/**
 * Milliseconds that a node takes, roughly and on no target in particular: multiply-accumulates and elements
 * at fixed rates. For passes that run without a target.
 */
export function plainMs(node: Node): number {
  if (viewOperators.has(node.op)) return 0;
  const values = [...node.results, ...operandsOf(node)];
  const elements = values.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  return macsOf(node) / macsPerMs + elements / elementsPerMs;
}
