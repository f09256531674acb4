import {
  abs,
  add,
  and,
  constant,
  div,
  eq,
  gt,
  lt,
  min,
  mul,
  mulAdd,
  neg,
  pmax,
  pmin,
  select,
  shift,
  sub,
} from "./expression.js";
import { bits, fromBits, type MathScope, polynomial, toFloats } from "./math-scope.js";
import type { Expr } from "./types.js";

/** ln 2 in two parts; the first has few bits, so that a small integer times it is exact. */
const ln2High = 0.693145751953125;
const ln2Low = 1.428606765330187e-6;

/** Coefficients of r² to r⁵ in `exp(r)` for |r| ≤ ln 2 / 2, which is within 1.1e-7 of it. */
const expTail = [
  0.499992311000824, 0.16667115688323975, 0.041890330612659454, 0.008312501013278961,
] as const;
/** `(log(1 + f) − f + f² / 2) / f³` for 1 + f from √½ to √2. */
const logTail = [
  0.3333333112188015, -0.2499999662693948, 0.2000073050385224, -0.16667850972851767,
  0.1424855126436147, -0.12424037717650198, 0.1168907113745787, -0.11494546612890219,
  0.06980701958664974,
];
/** `(tanh(x) − x) / x³` in x², for |x| < 0.625. */
const tanhTail = [
  -0.33333328903205783, 0.13332765613393505, -0.053850283093646985, 0.020994209179405143,
  -0.006092396755393561,
];
/** `erf(x) / x` in x², for |x| < 1. */
const erfNear = [
  1.1283791670615435, -0.3761263846802871, 0.11283782495236845, -0.026865430727670243,
  0.005221031807858023, -0.0008484080405535107, 0.00011265959025606609, -9.667044571486996e-6,
];
/** `−log(erfc(a))` for 1 ≤ a ≤ 4. */
const erfFar = [
  -0.00032013804967769883, 1.130233434841994, 0.631826051559163, 0.11008008294882024,
  -0.026421136005663898, 0.004759596293266265, -0.0005968056256607798, 4.605804268918978e-5,
  -1.6371514145936436e-6,
];

/**
 * `1.5 · 2²³`: a small number added to it is rounded to an integer, which its last bits then hold. Twice
 * the bias of exponents more, so that half of them is the biased exponent of half the integer.
 */
const toInteger = 1.5 * 2 ** 23 + 2 * 127;

/** `min(max(x, low), high)`; NaN stays NaN. */
const between = (x: Expr, low: number, high: number): Expr => pmin(pmax(x, low), high);

/**
 * `exp(x) = 2ⁿ · exp(r)`, n = x / ln 2 rounded. The power is applied in two halves, so that results
 * overflow to Infinity and underflow through denormals as they should. Of `exp(−x)`, −r is computed and
 * the series' odd terms change their sign. Terms are paired: a chain of them would wait for each other.
 */
export function exponential(scope: MathScope, argument: Expr): Expr {
  const negated = argument.kind === "unary" && argument.op === "neg";
  const sign = negated ? -1 : 1;
  const bounded = negated ? between(argument.a, -89, 104) : between(argument, -104, 89);
  const x = scope.let("exp_x", bounded);
  const shifted = scope.let("exp_t", mulAdd(x, sign * Math.LOG2E, toInteger));
  const n = scope.let("exp_n", sub(shifted, toInteger));
  const r = scope.let("exp_r", mulAdd(n, sign * -ln2Low, mulAdd(n, sign * -ln2High, x)));
  const square = scope.let("exp_s", mul(r, r));
  const [c2, c3, c4, c5] = expTail;
  const tail = mulAdd(square, mulAdd(r, sign * c5, c4), mulAdd(r, sign * c3, c2));
  const series = mulAdd(square, tail, sign === 1 ? add(r, 1) : sub(constant(r.type, 1), r));
  const whole = scope.let("exp_k", bits(shifted));
  const half = scope.let("exp_h", shift("shr", whole, 1));
  const scaled = mul(series, fromBits(shift("shl", half, 23)));
  return mul(scaled, fromBits(shift("shl", sub(whole, half), 23)));
}

/** A positive float as `m · 2ᵉ` with m from √½ to √2; denormals are scaled up first. */
export function splitFloat(scope: MathScope, x: Expr): { readonly m: Expr; readonly e: Expr } {
  const tiny = scope.let("log_t", lt(x, 2 ** -126));
  const scaled = select(tiny, mul(x, 2 ** 23), x);
  const image = scope.let("log_b", bits(scaled));
  const e = scope.let("log_e", shift("shr", sub(image, 0x3f3504f3), 23));
  const m = scope.let("log_m", fromBits(sub(image, shift("shl", e, 23))));
  const exponent = toFloats(e);
  return { m, e: select(tiny, sub(exponent, 23), exponent) };
}

/** `log(x) = e · ln 2 + log(m)`. Negative numbers and NaN give NaN, 0 gives −Infinity. */
export function logarithm(scope: MathScope, argument: Expr): Expr {
  const x = scope.let("log_x", argument);
  const { m, e } = splitFloat(scope, x);
  const exponent = scope.let("log_n", e);
  const f = scope.let("log_f", sub(m, 1));
  const square = scope.let("log_s", mul(f, f));
  const cubic = mul(mul(square, f), polynomial(logTail, f));
  const low = mulAdd(square, -0.5, mulAdd(exponent, ln2Low, cubic));
  const finite = mulAdd(exponent, ln2High, add(low, f));
  const nan = constant(x.type, Number.NaN);
  const edge = select(eq(x, Number.POSITIVE_INFINITY), x, nan);
  const special = select(eq(x, 0), constant(x.type, Number.NEGATIVE_INFINITY), edge);
  return select(and(gt(x, 0), lt(x, Number.POSITIVE_INFINITY)), finite, special);
}

/** `1 − 2 / (exp(2x) + 1)`; an odd polynomial near 0. */
export function hyperbolicTangent(scope: MathScope, argument: Expr): Expr {
  const x = scope.let("tanh_x", argument);
  const grown = scope.let("tanh_g", exponential(scope, add(x, x)));
  const far = sub(constant(x.type, 1), div(constant(x.type, 2), add(grown, 1)));
  const square = scope.let("tanh_s", mul(x, x));
  const near = mulAdd(mul(square, x), polynomial(tanhTail, square), x);
  return select(lt(square, 0.625 ** 2), near, far);
}

/** `1 − exp(−q(|x|))` with the sign of x; an odd polynomial for |x| < 1. */
export function errorFunction(scope: MathScope, argument: Expr): Expr {
  const x = scope.let("erf_x", argument);
  const a = scope.let("erf_a", abs(x));
  const bounded = scope.let("erf_m", min(a, 4));
  const tail = exponential(scope, neg(polynomial(erfFar, bounded)));
  const far = scope.let("erf_f", sub(constant(x.type, 1), tail));
  const square = scope.let("erf_s", mul(x, x));
  const near = mul(x, polynomial(erfNear, square));
  return select(lt(a, 1), near, select(lt(x, 0), neg(far), far));
}
