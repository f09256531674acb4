import { splitFloat } from "./elementary.js";
import {
  abs,
  add,
  and,
  constant,
  convert,
  div,
  eq,
  floor,
  gt,
  lane,
  lt,
  max,
  min,
  mul,
  mulAdd,
  ne,
  nearest,
  neg,
  or,
  select,
  shift,
  shuffle,
  splat,
  sqrt,
  sub,
} from "./expression.js";
import { fromBits, type MathScope, polynomial } from "./math-scope.js";
import type { Expr } from "./types.js";

const infinity = Number.POSITIVE_INFINITY;

/** `log2(m) / s` in s², where s = (m − 1) / (m + 1). */
const log2Series = Array.from({ length: 8 }, (_, k) => (2 * Math.LOG2E) / (2 * k + 1));
const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40320];
/** `exp(r)` for |r| ≤ ln 2 / 2. */
const expSeries = factorials.map((factorial) => 1 / factorial);

const wide = (x: Expr): Expr => convert("convert", "f64", x);
const narrow = (x: Expr): Expr => convert("convert", "f32", x);

/** `log2(a)` of a positive f32 as f64. */
function log2(scope: MathScope, a: Expr): Expr {
  const { m, e } = splitFloat(scope, a);
  const exponent = scope.let("pow_e", wide(e));
  const mantissa = scope.let("pow_m", wide(m));
  const s = scope.let("pow_s", div(sub(mantissa, 1), add(mantissa, 1)));
  const square = scope.let("pow_q", mul(s, s));
  return mulAdd(s, polynomial(log2Series, square), exponent);
}

/** `2ᵗ` of an f64, rounded to f32 once. */
function exp2(scope: MathScope, exponent: Expr): Expr {
  const t = scope.let("pow_t", max(min(exponent, 160), -160));
  const n = scope.let("pow_n", nearest(t));
  const r = scope.let("pow_r", mul(sub(t, n), Math.LN2));
  const k = scope.let("pow_k", convert("truncate", "i32", narrow(n)));
  const half = scope.let("pow_h", shift("shr", k, 1));
  const power = (by: Expr) => wide(fromBits(shift("shl", add(by, 127), 23)));
  const scale = mul(power(half), power(sub(k, half)));
  return narrow(mul(polynomial(expSeries, r), scale));
}

/**
 * `x ^ y` of f32 through f64 logarithms, within 1 ulp; special values are those of JavaScript's `**`
 * (1 to a NaN or infinite power is NaN).
 */
function scalarPower(scope: MathScope, base: Expr, exponent: Expr): Expr {
  const x = scope.let("pow_x", base);
  const y = scope.let("pow_y", exponent);
  const a = scope.let("pow_a", abs(x));
  const product = scope.let("pow_p", mul(wide(y), log2(scope, a)));
  const magnitude = scope.let("pow_f", exp2(scope, product));
  const atZero = select(gt(y, 0), 0, constant("f32", infinity));
  const atInfinity = select(gt(y, 0), constant("f32", infinity), 0);
  const ends = select(eq(a, 0), atZero, select(eq(a, infinity), atInfinity, magnitude));
  const size = scope.let("pow_v", select(ne(y, y), y, ends));
  const whole = scope.let("pow_w", eq(floor(y), y));
  const halved = scope.let("pow_d", mul(y, 0.5));
  const odd = and(whole, ne(floor(halved), halved));
  const negative = scope.let("pow_g", lt(fromSign(x), 0));
  const signed = select(and(negative, odd), neg(size), size);
  const undefinedHere = or(ne(x, x), and(and(lt(x, 0), lt(a, infinity)), eq(whole, 0)));
  const value = select(undefinedHere, constant("f32", Number.NaN), signed);
  return select(eq(y, 0), constant("f32", 1), value);
}

/** An i32 that is negative when the sign bit of a float is set. */
const fromSign = (x: Expr): Expr => convert("reinterpret", "i32", x);

/** `√x`, but of −Infinity Infinity, as powers have it. */
function rootOf(scope: MathScope, x: Expr): Expr {
  const endless = constant(x.type, infinity);
  return scope.let("pow_s", sqrt(select(eq(x, -infinity), endless, x)));
}

/** Small multiples of ¼ by square roots and products, within 3 ulp. */
function quarters(scope: MathScope, base: Expr, y: number): Expr | undefined {
  if (![0.25, 0.5, 0.75, 1, 1.5, 2, 3].includes(y)) return undefined;
  if (y === 1) return base;
  const x = scope.let("pow_x", add(base, 0));
  if (y === 2) return mul(x, x);
  if (y === 3) return mul(mul(x, x), x);
  const root = rootOf(scope, x);
  if (y === 0.5) return root;
  if (y === 1.5) return mul(abs(x), root);
  return y === 0.25 ? sqrt(root) : mul(root, sqrt(root));
}

/** `x ^ y` of f32 or, lane by lane, f32x4. */
export function power(scope: MathScope, x: Expr, y: Expr): Expr {
  const simple = y.kind === "const" ? quarters(scope, x, y.value) : undefined;
  if (simple) return simple;
  if (x.type === "f32") return scalarPower(scope, x, y);
  const [bases, exponents] = [scope.result("pow_xs", x), scope.result("pow_ys", y)];
  const at = (index: number): Expr => {
    const value = scalarPower(scope, lane(bases, index), lane(exponents, index));
    return splat(scope.result("pow_lane", value));
  };
  const low = shuffle(at(0), at(1), [0, 4, 0, 4]);
  return shuffle(low, shuffle(at(2), at(3), [0, 4, 0, 4]), [0, 1, 4, 5]);
}
