import {
  abs,
  add,
  and,
  constant,
  div,
  eq,
  gt,
  lt,
  max,
  min,
  mul,
  mulAdd,
  nearest,
  neg,
  select,
  shift,
  sub,
} from "./expression.js";
import { bits, fromBits, type MathScope, polynomial, toFloats, toIntegers } from "./math-scope.js";
import type { Expr } from "./types.js";

/** ln 2 in two parts; the first has few bits, so that a small integer times it is exact. */
const ln2High = 0.693145751953125;
const ln2Low = 1.428606765330187e-6;

/** `(exp(r) − 1 − r) / r²` for |r| ≤ ln 2 / 2. */
const expTail = [
  0.5, 0.16666576666119928, 0.04166655421298415, 0.008363232883682618, 0.0013926250831497611,
];
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

/** 2ⁿ as a float, for n from −126 to 127. */
const powerOfTwo = (n: Expr): Expr => fromBits(shift("shl", add(n, 127), 23));

/**
 * `exp(x) = 2ⁿ · exp(r)`, n = x / ln 2 rounded. The power is applied in two halves, so that results
 * overflow to Infinity and underflow through denormals as they should.
 */
export function exponential(scope: MathScope, argument: Expr): Expr {
  const x = scope.let("exp_x", max(min(argument, 89), -104));
  const n = scope.let("exp_n", nearest(mul(x, Math.LOG2E)));
  const high = mulAdd(n, -ln2High, x);
  const r = scope.let("exp_r", mulAdd(n, -ln2Low, high));
  const tail = mul(mul(r, r), polynomial(expTail, r));
  const p = add(add(tail, r), 1);
  const whole = scope.let("exp_k", toIntegers(n));
  const half = scope.let("exp_h", shift("shr", whole, 1));
  const scaled = mul(p, powerOfTwo(half));
  return mul(scaled, powerOfTwo(sub(whole, half)));
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

/** `1 − 2 / (exp(2|x|) + 1)` with the sign of x; an odd polynomial near 0. */
export function hyperbolicTangent(scope: MathScope, argument: Expr): Expr {
  const x = scope.let("tanh_x", argument);
  const a = scope.let("tanh_a", abs(x));
  const grown = scope.let("tanh_g", exponential(scope, add(a, a)));
  const far = scope.let(
    "tanh_f",
    sub(constant(x.type, 1), div(constant(x.type, 2), add(grown, 1))),
  );
  const square = scope.let("tanh_s", mul(x, x));
  const near = mulAdd(mul(square, x), polynomial(tanhTail, square), x);
  return select(lt(a, 0.625), near, select(lt(x, 0), neg(far), far));
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
