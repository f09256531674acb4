import type { TensorType } from "../types.js";
import { printType, sameShape, sizeOf } from "../types.js";
import { ShapeError } from "./operator.js";

/** The most elements that a tensor may have. */
export const maxElements = 2 ** 31;
/** The most axes that a tensor may have. */
export const maxRank = 6;

/** `[1,3,8]`, as messages show shapes and lists of numbers. */
export const printShape = (shape: readonly number[]): string => `[${shape.join(",")}]`;

/** Operators that may have results without elements: what goes in, and what is known. */
const mayBeEmpty: readonly string[] = ["input", "constant"];

/** Refuses a result that is empty, has too many axes or too many elements. */
export function checkResult(op: string, { shape }: TensorType): void {
  if (shape.length > maxRank) {
    throw new ShapeError("too-many-axes", { op, shape: printShape(shape), limit: maxRank });
  }
  const least = mayBeEmpty.includes(op) ? 0 : 1;
  if (!shape.every((size) => Number.isInteger(size) && size >= least)) {
    throw new ShapeError("empty-tensor", { op, shape: printShape(shape) });
  }
  if (sizeOf(shape) > maxElements) {
    throw new ShapeError("tensor-too-large", { op, shape: printShape(shape), limit: maxElements });
  }
}

/** Refuses elements other than floats. */
export function checkFloat(op: string, operand: string, type: TensorType): void {
  if (type.element === "f32") return;
  throw new ShapeError("wrong-element-type", {
    op,
    operand,
    wanted: "f32",
    actual: printType(type),
  });
}

/** Refuses an operand that does not have one of the ranks; it must hold floats too. */
export function checkRank(op: string, operand: string, type: TensorType, ranks: number[]): void {
  checkFloat(op, operand, type);
  if (ranks.includes(type.shape.length)) return;
  const wanted = `of rank ${ranks.join(" or ")}`;
  throw new ShapeError("wrong-rank", { op, operand, wanted, actual: printType(type) });
}

/** Refuses an operand that does not have exactly this shape; it must hold floats too. */
export function checkShape(
  op: string,
  operand: string,
  type: TensorType,
  wanted: readonly number[],
): void {
  checkFloat(op, operand, type);
  if (sameShape(type.shape, wanted)) return;
  const actual = printShape(type.shape);
  throw new ShapeError("operand-shape", { op, operand, wanted: printShape(wanted), actual });
}

/** Refuses an attribute with a value that is not a whole number from `least` to `most`. */
export function checkCounts(
  op: string,
  attribute: string,
  values: readonly number[],
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  const wrong = values.find((n) => !Number.isSafeInteger(n) || n < least || n > most);
  if (wrong === undefined) return;
  const actual = values.length === 1 ? String(wrong) : printShape(values);
  const bound = Number.isFinite(wrong) && wrong > most ? `at most ${most}` : `at least ${least}`;
  const wanted = `${values.length === 1 ? "a whole number" : "whole numbers"} of ${bound}`;
  throw new ShapeError("attribute-range", { op, attribute, wanted, actual });
}

/** Refuses an attribute that must satisfy a condition told in words. */
export function checkAttribute(
  op: string,
  attribute: string,
  value: number,
  holds: boolean,
  wanted: string,
): void {
  if (holds) return;
  throw new ShapeError("attribute-range", { op, attribute, wanted, actual: String(value) });
}

/** Refuses a list attribute that does not have one entry for each axis of the input. */
export function checkPerAxis(
  op: string,
  attribute: string,
  values: readonly number[],
  type: TensorType,
): void {
  if (values.length === type.shape.length) return;
  const wanted = `one number for each of the ${type.shape.length} axes`;
  throw new ShapeError("attribute-range", { op, attribute, wanted, actual: printShape(values) });
}

/** Refuses an axis that the type does not have. */
export function checkAxis(op: string, axis: number, type: TensorType): void {
  if (Number.isInteger(axis) && axis >= 0 && axis < type.shape.length) return;
  throw new ShapeError("axis-out-of-range", { op, axis: String(axis), input: printType(type) });
}

/** Refuses groups that do not divide a number of channels. */
export function checkGroups(op: string, groups: number, what: string, channels: number): void {
  checkCounts(op, "groups", [groups], 1);
  if (channels % groups === 0) return;
  throw new ShapeError("groups-do-not-divide", { op, groups, what, channels });
}
