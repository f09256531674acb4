import { type Node, operandsOf } from "../../ir/graph.js";
import { printType } from "../../ir/types.js";

/**
 * What makes two layers take the same time: operator, types of operands and results, attributes, epilogue.
 * Names and numbers do not, and neither does the order in which the network has them. Where maps lie is
 * not in it: the choice of algorithms comes before that of places.
 */
export function layerKey(node: Node): string {
  const operands = operandsOf(node).map(({ type }) => printType(type));
  const results = node.results.map(({ type }) => printType(type));
  const attributes = Object.entries(node.attrs)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort();
  return [node.op, `(${operands.join(", ")})`, ...attributes, "->", ...results].join(" ");
}
