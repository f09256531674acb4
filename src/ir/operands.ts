import type { Value } from "./graph.js";
import type { OperandsAs, OperandTable } from "./ops/operator.js";
import type { TensorType } from "./types.js";

const isList = (operand: Value | readonly Value[]): operand is readonly Value[] =>
  Array.isArray(operand);

/** Something about each operand, under the operands' names. */
export function mapOperands<O extends OperandTable, T>(
  operands: O,
  fn: (value: Value) => T,
): OperandsAs<O, T> {
  const entries = Object.entries(operands).map(([name, operand]) => {
    if (operand === undefined) return [name, undefined];
    return [name, isList(operand) ? operand.map(fn) : fn(operand)];
  });
  return Object.fromEntries(entries) as OperandsAs<O, T>;
}

/** The operands' types under the operands' names. */
export const typesOf = <O extends OperandTable>(operands: O): OperandsAs<O, TensorType> =>
  mapOperands(operands, (value) => value.type);
