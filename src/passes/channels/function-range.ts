import type { BinaryFunction, UnaryFunction } from "../../ir/ops/arithmetic.js";
import { binaryFormulas, unaryFormula } from "../../ir/ops/formulas.js";
import {
  between,
  constantIn,
  exactly,
  isZero,
  type Range,
  times,
  unknown,
  widened,
  zero,
} from "./range.js";

type Kind = UnaryFunction["kind"];

/** Functions that never fall and whose results every target rounds alike. */
const exactRising: ReadonlySet<Kind> = new Set([
  "relu",
  "clip",
  "floor",
  "ceil",
  "round",
  "sign",
] satisfies Kind[]);

/** Functions that never fall, computed to rounding. */
const rising: ReadonlySet<Kind> = new Set([
  "selu",
  "sigmoid",
  "tanh",
  "softplus",
  "exp",
  "erf",
] satisfies Kind[]);

/** The least result, a little below, of functions that fall, then rise, and are about 0 far to the left. */
const dips: { readonly [K in Kind]?: number } = {
  silu: -0.2785,
  hardSwish: -0.3751,
  gelu: -0.17,
  mish: -0.309,
};

/** Whether a function never falls, given its numbers. */
function isRising(fn: UnaryFunction): boolean {
  if (fn.kind === "leakyRelu") return fn.slope >= 0;
  if (fn.kind === "elu") return fn.alpha >= 0;
  if (fn.kind === "hardSigmoid") return fn.slope >= 0;
  if (fn.kind === "threshold") return fn.least >= 0;
  return exactRising.has(fn.kind) || rising.has(fn.kind);
}

/** Bounds of a function of one number. */
export function unaryRange(fn: UnaryFunction, range: Range): Range {
  const of = unaryFormula(fn);
  const constant = constantIn(range);
  if (constant !== undefined) return exactly(of(constant));
  const { low, high } = range;
  if (isRising(fn)) {
    const risen = between(of(low), of(high));
    return exactRising.has(fn.kind) || fn.kind === "threshold" ? risen : rounded(risen);
  }
  const dip = dips[fn.kind];
  if (dip !== undefined) {
    const left = low === Number.NEGATIVE_INFINITY ? 0 : of(low);
    const right = high === Number.POSITIVE_INFINITY ? high : of(high);
    return rounded(between(low < 0 ? dip : left, Math.max(left, right, low < 0 ? 0 : left)));
  }
  if (fn.kind === "neg") return between(-high, -low);
  if (fn.kind === "abs") {
    return between(Math.max(0, low, -high), Math.max(Math.abs(low), Math.abs(high)));
  }
  if (fn.kind === "sqrt" && low >= 0) return rounded(between(Math.sqrt(low), Math.sqrt(high)));
  return unknown;
}

const rounded = (range: Range): Range =>
  widened(range, Math.abs(range.low) || 0, Math.abs(range.high) || 0);

/** Bounds of a function of two numbers. */
export function binaryRange(fn: BinaryFunction, left: Range, right: Range): Range {
  const [a, b] = [constantIn(left), constantIn(right)];
  if (fn === "mul" && (isZero(left) || isZero(right))) return zero;
  if (fn === "mask" && isZero(right)) return zero;
  if (isZero(left) && (fn === "prelu" || fn === "mask")) return zero;
  if (a !== undefined && b !== undefined) return exactly(binaryFormulas[fn](a, b));
  switch (fn) {
    case "add":
      return sum(left, right);
    case "sub":
      return sum(left, { low: -right.high, high: -right.low });
    case "mul":
      return product(left, right);
    case "div":
      if (right.low <= 0 && right.high >= 0) return unknown;
      return product(left, { low: 1 / right.high, high: 1 / right.low });
    case "min":
      return between(Math.min(left.low, right.low), Math.min(left.high, right.high));
    case "max":
      return between(Math.max(left.low, right.low), Math.max(left.high, right.high));
    case "prelu":
      return left.low >= 0 ? left : unknown;
    case "equal":
    case "less":
    case "lessOrEqual":
      return { low: 0, high: 1 };
    default:
      return unknown;
  }
}

function sum(left: Range, right: Range): Range {
  const terms = (x: number, y: number): number =>
    Number.isFinite(x + y) ? Math.abs(x) + Math.abs(y) : 0;
  return widened(
    between(left.low + right.low, left.high + right.high),
    terms(left.low, right.low),
    terms(left.high, right.high),
  );
}

function product(left: Range, right: Range): Range {
  const corners = [left.low, left.high].flatMap((x) => [times(x, right.low), times(x, right.high)]);
  return rounded(between(Math.min(...corners), Math.max(...corners)));
}
