import type { Value } from "../../ir/graph.js";

/** The parameter or constant that a value is, shape aside; undefined where it is computed. */
export function leafOf(value: Value): Value | undefined {
  const { node } = value;
  if (node.op === "parameter" || node.op === "constant") return value;
  return node.op === "reshape" ? leafOf(node.operands.input) : undefined;
}

/** Whether a value is known before the model runs, as a tensor of its own. */
export const isLeaf = (value: Value): boolean => leafOf(value) !== undefined;
