import type { BinaryFunction, Epilogue, UnaryFunction } from "../../ir/ops/arithmetic.js";
import {
  abs,
  add,
  ceil,
  constant,
  div,
  eq,
  erf,
  exp,
  type FunctionBuilder,
  floor,
  gt,
  le,
  log,
  lt,
  max,
  min,
  mul,
  mulAdd,
  ne,
  nearest,
  neg,
  type Operand,
  pmax,
  pmin,
  pow,
  select,
  sqrt,
  sub,
  tanh,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";

/** `x` as something that may be read more than once: itself, or a new local. */
function hold(f: FunctionBuilder, name: string, x: Expr): Expr {
  return x.kind === "get" || x.kind === "const" ? x : f.let(name, x);
}

/** `min(max(x, low), high)`; NaN stays NaN, infinite bounds cost nothing. */
function clip(x: Expr, low: number, high: number): Expr {
  const raised = low === Number.NEGATIVE_INFINITY ? x : pmax(x, low);
  return high === Number.POSITIVE_INFINITY ? raised : pmin(raised, high);
}

/** `1 + exp(−x)`, infinite for very negative `x`. */
const onePlusExp = (x: Expr): Expr => add(exp(neg(x)), 1);

/** Factors of `((x/7 + 1)·x/6 + 1)·x/5 …`: the Taylor series of `exp(x) − 1`, good to 1e-8 from −1/4 up to 0. */
const seriesTerms = [1 / 7, 1 / 6, 1 / 5, 1 / 4, 1 / 3, 1 / 2];

/** `exp(x) − 1` for `x ≤ 0`, accurate near 0 where the difference would cancel. */
function expMinusOne(x: Expr): Expr {
  let series: Operand = 1;
  for (const term of seriesTerms) series = mulAdd(mul(x, term), series, 1);
  return select(gt(x, -0.25), mul(x, series), sub(exp(x), 1));
}

/** `log(1 + t)` for `0 ≤ t ≤ 1`: what rounding `1 + t` loses is put back as a factor. */
function logOnePlus(f: FunctionBuilder, t: Expr): Expr {
  const small = hold(f, "t", t);
  const u = f.let("u", add(small, 1));
  return select(ne(u, 1), mul(log(u), div(small, sub(u, 1))), small);
}

/**
 * `x · tanh(log(1 + eˣ)) = x · n / (n + 2)` with `n = eˣ (eˣ + 2)`, which is 1 in float32 from 20 on.
 */
function mish(f: FunctionBuilder, x: Expr): Expr {
  const e = f.let("e", exp(pmin(x, 20)));
  const n = f.let("n", mul(e, add(e, 2)));
  return mul(x, div(n, add(n, 2)));
}

const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

type Writer<F> = (f: FunctionBuilder, x: Expr, fn: F) => Expr;

const unaryWriters: {
  readonly [K in UnaryFunction["kind"]]: Writer<Extract<UnaryFunction, { readonly kind: K }>>;
} = {
  relu: (_, x) => pmax(x, 0),
  clip: (_, x, fn) => clip(x, fn.min, fn.max),
  leakyRelu: (_, x, { slope }) => select(lt(x, 0), mul(x, slope), x),
  elu: (_, x, { alpha }) => select(gt(x, 0), x, mul(expMinusOne(x), alpha)),
  selu: (_, x) => select(gt(x, 0), mul(x, seluScale), mul(expMinusOne(x), seluScale * seluAlpha)),
  sigmoid: (_, x) => div(1, onePlusExp(x)),
  hardSigmoid: (_, x, { slope, offset }) => clip(mulAdd(x, slope, offset), 0, 1),
  tanh: (_, x) => tanh(x),
  silu: (_, x) => div(x, onePlusExp(x)),
  hardSwish: (_, x) => mul(x, clip(mulAdd(x, 1 / 6, 1 / 2), 0, 1)),
  gelu: (_, x) => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)),
  mish,
  softplus: (f, x) => add(pmax(x, 0), logOnePlus(f, exp(neg(abs(x))))),
  neg: (_, x) => neg(x),
  abs: (_, x) => abs(x),
  sqrt: (_, x) => sqrt(x),
  exp: (_, x) => exp(x),
  log: (_, x) => log(x),
  erf: (_, x) => erf(x),
  reciprocal: (_, x) => div(1, x),
  floor: (_, x) => floor(x),
  ceil: (_, x) => ceil(x),
  round: (_, x) => nearest(x),
  sign: (_, x) => select(gt(x, 0), 1, select(lt(x, 0), -1, x)),
  threshold: (_, x, { least }) => select(le(x, least), 0, x),
};

const binaryWriters: {
  readonly [K in BinaryFunction]: (f: FunctionBuilder, a: Expr, b: Expr) => Expr;
} = {
  add: (_, a, b) => add(a, b),
  sub: (_, a, b) => sub(a, b),
  mul: (_, a, b) => mul(a, b),
  div: (_, a, b) => div(a, b),
  min: (_, a, b) => min(a, b),
  max: (_, a, b) => max(a, b),
  pow: (_, a, b) => pow(a, b),
  equal: (_, a, b) => select(eq(a, b), constant(a.type, 1), 0),
  less: (_, a, b) => select(lt(a, b), constant(a.type, 1), 0),
  lessOrEqual: (_, a, b) => select(le(a, b), constant(a.type, 1), 0),
  mask: (_, a, b) => select(eq(b, 0), 0, a),
  prelu: (f, a, b) => {
    const x = hold(f, "x", a);
    return select(lt(x, 0), mul(x, b), x);
  },
};

/**
 * A function of an f32 or of each lane of an f32x4. May put shared parts into locals of `f`, so it is
 * called where its value is used. NaN stays NaN; `relu` keeps the sign of −0.
 */
export function applyUnary<K extends UnaryFunction["kind"]>(
  f: FunctionBuilder,
  fn: Extract<UnaryFunction, { readonly kind: K }>,
  x: Expr,
): Expr {
  return unaryWriters[fn.kind as K](f, hold(f, "x", x), fn);
}

/** A function of two f32 or of the lanes of two f32x4. */
export function applyBinary(f: FunctionBuilder, fn: BinaryFunction, a: Expr, b: Expr): Expr {
  return binaryWriters[fn](f, a, b);
}

/**
 * The steps of an epilogue on a running value. `readExtra` gives the elements of `extras[extra]` that
 * belong to the value's: a load, or a constant.
 */
export function applySteps(
  f: FunctionBuilder,
  steps: Epilogue,
  value: Expr,
  readExtra: (extra: number) => Expr,
): Expr {
  let running = value;
  for (const step of steps) {
    if (step.kind === "unary") {
      running = applyUnary(f, step.fn, running);
      continue;
    }
    const extra = readExtra(step.extra);
    const [left, right] = step.side === "left" ? [extra, running] : [running, extra];
    running = applyBinary(f, step.fn, left, right);
  }
  return running;
}
