import { isConstant } from "../../ir/constants.js";
import type { Node, Value } from "../../ir/graph.js";
import { sameShape } from "../../ir/types.js";
import type { FactsOf } from "./facts.js";
import { constantIn } from "./range.js";

/**
 * The operand of a binary node that is computed but known to be one number in each channel, so that a
 * constant may be read in its place. Undefined when the result takes its shape from it.
 */
export function fixedOperand(node: Node, facts: FactsOf): Value | undefined {
  if (node.op !== "binary") return undefined;
  const { left, right } = node.operands;
  const { shape } = node.results[0]!.type;
  if (isConstant(left) || isConstant(right) || shape.length < 2 || left === right) return undefined;
  const isFixed = (value: Value, other: Value): boolean =>
    value.type.shape.length === shape.length &&
    sameShape(other.type.shape, shape) &&
    facts(value).every((range) => constantIn(range) !== undefined);
  if (isFixed(right, left)) return right;
  return isFixed(left, right) ? left : undefined;
}
