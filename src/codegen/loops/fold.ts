import type { BinaryOp, LoopType, UnaryOp } from "./types.js";

/** Operators whose result is a truth value: 0 or 1 of scalars, a mask of vectors. */
type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

export const isComparison = (op: BinaryOp): op is Comparison =>
  op === "eq" || op === "ne" || op === "lt" || op === "le" || op === "gt" || op === "ge";

export const isAddress = (type: LoopType): type is "floats" | "bytes" =>
  type === "floats" || type === "bytes";

export const isVector = (type: LoopType): type is "f32x4" | "i32x4" =>
  type === "f32x4" || type === "i32x4";

const isFloat32 = (type: LoopType): boolean => type === "f32" || type === "f32x4";
const isInteger = (type: LoopType): boolean => type === "i32" || type === "i32x4";

/** Whether a number means the same in every precision that the type is computed in. */
function isExact(type: LoopType, value: number): boolean {
  if (Number.isNaN(value)) return false;
  if (isFloat32(type)) return Math.fround(value) === value;
  return isInteger(type) ? (value | 0) === value && !Object.is(value, -0) : true;
}

const comparisons: { readonly [K in Comparison]: (a: number, b: number) => boolean } = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

const integers: { readonly [K in BinaryOp]?: (a: number, b: number) => number } = {
  rem: (a, b) => (b === 0 ? Number.NaN : (a % b) + 0),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
};

const numbers: { readonly [K in BinaryOp]?: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
};

const divideIntegers = (a: number, b: number): number =>
  b === 0 ? Number.NaN : Math.trunc(a / b) + 0;

/** The operation on two numbers of a type, where it is exact in every precision; else undefined. */
export function foldBinary(type: LoopType, op: BinaryOp, a: number, b: number): number | undefined {
  if (isVector(type) && isComparison(op)) return undefined;
  if (!isExact(type, a) || !isExact(type, b)) return undefined;
  if (isComparison(op)) return comparisons[op](a, b) ? 1 : 0;
  if (isAddress(type)) return undefined;
  const integer = isInteger(type);
  const apply =
    integer && op === "div"
      ? divideIntegers
      : (numbers[op] ?? (integer ? integers[op] : undefined));
  const result = apply?.(a, b);
  if (result === undefined) return undefined;
  const value = integer ? result + 0 : result;
  return isExact(type, value) ? value : undefined;
}

const unary: { readonly [K in UnaryOp]?: (a: number) => number } = {
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The operation on one number of a type, where it is exact in every precision; else undefined. */
export function foldUnary(type: LoopType, op: UnaryOp, a: number): number | undefined {
  if (!isExact(type, a)) return undefined;
  if (op === "not") return type === "i32" ? Number(a === 0) : undefined;
  const result = unary[op]?.(a);
  if (result === undefined) return undefined;
  const value = isInteger(type) ? result + 0 : result;
  return isExact(type, value) ? value : undefined;
}
