import type { BinaryFunction, UnaryFunction } from "./arithmetic.js";

const clip = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** `erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1))`; all terms have one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function roundEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

const unaryFormulas: {
  readonly [K in UnaryFunction["kind"]]: (
    fn: Extract<UnaryFunction, { readonly kind: K }>,
  ) => (x: number) => number;
} = {
  relu: () => (x) => Math.max(x, 0),
  clip:
    ({ min, max }) =>
    (x) =>
      clip(x, min, max),
  leakyRelu:
    ({ slope }) =>
    (x) =>
      x < 0 ? x * slope : x,
  elu:
    ({ alpha }) =>
    (x) =>
      x > 0 ? x : alpha * Math.expm1(x),
  selu: () => (x) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x)),
  sigmoid: () => sigmoid,
  hardSigmoid:
    ({ slope, offset }) =>
    (x) =>
      clip(x * slope + offset, 0, 1),
  tanh: () => Math.tanh,
  silu: () => (x) => x * sigmoid(x),
  hardSwish: () => (x) => x * clip(x / 6 + 1 / 2, 0, 1),
  gelu: () => (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  mish: () => (x) => x * Math.tanh(softplus(x)),
  softplus: () => softplus,
  neg: () => (x) => -x,
  abs: () => Math.abs,
  sqrt: () => Math.sqrt,
  exp: () => Math.exp,
  log: () => Math.log,
  erf: () => erf,
  reciprocal: () => (x) => 1 / x,
  floor: () => Math.floor,
  ceil: () => Math.ceil,
  round: () => roundEven,
  sign: () => Math.sign,
  threshold:
    ({ least }) =>
    (x) =>
      x <= least ? 0 : x,
};

/** The function of one number, in float64. */
export function unaryFormula<K extends UnaryFunction["kind"]>(
  fn: Extract<UnaryFunction, { readonly kind: K }>,
): (x: number) => number {
  return unaryFormulas[fn.kind as K](fn);
}

/** The functions of two numbers, in float64. */
export const binaryFormulas: {
  readonly [K in BinaryFunction]: (left: number, right: number) => number;
} = {
  add: (left, right) => left + right,
  sub: (left, right) => left - right,
  mul: (left, right) => left * right,
  div: (left, right) => left / right,
  min: Math.min,
  max: Math.max,
  pow: Math.pow,
  equal: (left, right) => (left === right ? 1 : 0),
  less: (left, right) => (left < right ? 1 : 0),
  lessOrEqual: (left, right) => (left <= right ? 1 : 0),
  mask: (left, right) => (right === 0 ? 0 : left),
  prelu: (left, right) => (left < 0 ? left * right : left),
};
