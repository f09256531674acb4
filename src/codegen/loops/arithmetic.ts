import { InternalError } from "../../diagnostics/report.js";
import { erf } from "./erf.js";
import { isAddress } from "./fold.js";
import type { BinaryOp, Conversion, LoopType, UnaryOp } from "./types.js";

/** How f32 is computed: rounded after every operation, or in double precision. */
export type Precision = "float32" | "float64";

type OneNumber = (a: number) => number;
export type TwoNumbers = (a: number, b: number) => number;

const floats = new Float32Array(1);
const integers = new Int32Array(floats.buffer);

function bitsOf(value: number): number {
  floats[0] = value;
  return integers[0]!;
}

function floatOf(bits: number): number {
  integers[0] = bits;
  return floats[0]!;
}

const nearestEven: OneNumber = (a) => {
  if (!(Math.abs(a) < 2 ** 52)) return a;
  const up = 2 ** 52;
  return a < 0 || Object.is(a, -0) ? -(-a + up - up) : a + up - up;
};

const truncateSaturating: OneNumber = (a) =>
  Number.isNaN(a) ? 0 : Math.trunc(Math.min(Math.max(a, -(2 ** 31)), 2 ** 31 - 1)) + 0;

function inRange(value: number): number {
  if ((value | 0) !== value) throw new InternalError(`i32 overflow: ${value}`);
  return value + 0;
}

function divisible(b: number): number {
  if (b === 0) throw new InternalError("division by zero");
  return b;
}

const shared: { readonly [K in BinaryOp]?: TwoNumbers } = {
  min: Math.min,
  max: Math.max,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b),
  gt: (a, b) => Number(a > b),
  ge: (a, b) => Number(a >= b),
};

const doubles: { readonly [K in BinaryOp]?: TwoNumbers } = {
  ...shared,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
};

const singles: { readonly [K in BinaryOp]?: TwoNumbers } = {
  ...shared,
  add: (a, b) => Math.fround(a + b),
  sub: (a, b) => Math.fround(a - b),
  mul: (a, b) => Math.fround(a * b),
  div: (a, b) => Math.fround(a / b),
};

const wrapping: { readonly [K in BinaryOp]?: TwoNumbers } = {
  ...shared,
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: Math.imul,
  div: (a, b) => (a / divisible(b)) | 0,
  rem: (a, b) => (a % divisible(b)) + 0,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
};

const checked: { readonly [K in BinaryOp]?: TwoNumbers } = {
  ...wrapping,
  add: (a, b) => inRange(a + b),
  sub: (a, b) => inRange(a - b),
  mul: (a, b) => inRange(a * b),
};

const doubleOnes: { readonly [K in UnaryOp]?: OneNumber } = {
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  floor: Math.floor,
  ceil: Math.ceil,
  nearest: nearestEven,
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  erf,
};

const singleOnes: { readonly [K in UnaryOp]?: OneNumber } = {
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: (a) => Math.fround(Math.sqrt(a)),
  floor: Math.floor,
  ceil: Math.ceil,
  nearest: nearestEven,
};

const integerOnes: { readonly [K in UnaryOp]?: OneNumber } = {
  neg: (a) => -a | 0,
  abs: (a) => Math.abs(a) | 0,
  not: (a) => Number(a === 0),
};

function found<T>(operation: T | undefined, what: string): T {
  if (operation === undefined) throw new InternalError(`the interpreter has no ${what}`);
  return operation;
}

/** A binary operator on numbers (lanes of vectors) of a type; comparisons give 0 or 1. */
export function binaryNumbers(op: BinaryOp, type: LoopType, precision: Precision): TwoNumbers {
  const single = precision === "float32";
  if (type === "i32") return found((single ? wrapping : checked)[op], `${op} of i32`);
  if (type === "i32x4") return found(wrapping[op], `${op} of i32x4`);
  if (isAddress(type) || type === "f64" || !single) return found(doubles[op], `${op} of ${type}`);
  return found(singles[op], `${op} of ${type}`);
}

/** A unary operator on numbers (lanes of vectors) of a type. */
export function unaryNumbers(op: UnaryOp, type: LoopType, precision: Precision): OneNumber {
  if (type === "i32x4" && op === "not") return (a) => ~a;
  if (type === "i32" || type === "i32x4") return found(integerOnes[op], `${op} of ${type}`);
  const exact = type === "f64" || precision === "float64";
  return found((exact ? doubleOnes : singleOnes)[op], `${op} of ${type}`);
}

/** A conversion of numbers (lanes of vectors); f64 to f32 rounds where f32 does. */
export function conversionNumbers(how: Conversion, to: LoopType, precision: Precision): OneNumber {
  if (how === "truncate") return truncateSaturating;
  if (how === "reinterpret") return to === "i32" || to === "i32x4" ? bitsOf : floatOf;
  return precision === "float32" && to !== "f64" ? Math.fround : (a) => a;
}
