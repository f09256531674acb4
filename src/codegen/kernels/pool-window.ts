import {
  add,
  advance,
  div,
  type FunctionBuilder,
  i32,
  max,
  min,
  mul,
  neg,
  sub,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";

/** A window's way along the height or the width. */
export interface Along {
  readonly size: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** Distance of neighbours in the input, in elements. */
  readonly step: number;
}

/** The taps of one window along an axis: `count` of those inside the input, from tap `from` on. */
export interface Taps {
  /** Index of tap 0, which may lie in the padding. */
  readonly first: Expr;
  readonly from: Expr;
  readonly count: Expr;
}

/** `ceil(a / by)` for `a ≥ 0`; 0 or less for a negative one. */
const divideUp = (a: Expr, by: number): Expr => (by === 1 ? a : div(add(a, by - 1), by));

/** Whether every window lies inside the input. */
export const isInside = ({ size, outputs, kernel, stride, dilation, before }: Along): boolean =>
  before === 0 && (outputs - 1) * stride + (kernel - 1) * dilation < size;

/** The taps of the window of an output. */
export function tapsOf(f: FunctionBuilder, along: Along, output: Expr): Taps {
  const { size, kernel, stride, dilation, before } = along;
  const first = f.let("first", sub(mul(output, stride), before));
  if (isInside(along)) return { first, from: i32(0), count: i32(kernel) };
  const from = f.let("skip", divideUp(max(neg(first), 0), dilation));
  const end = min(divideUp(sub(size, first), dilation), kernel);
  return { first, from, count: f.let("taps", sub(end, from)) };
}

/** How many taps of a window lie inside the padded input. */
export function paddedCount({ size, kernel, dilation, after }: Along, { first }: Taps): Expr {
  return min(divideUp(sub(size + after, first), dilation), kernel);
}

/** The address of the first tap inside the input; `base` is that of index 0. */
export const atTap = (base: Expr, { dilation, step }: Along, { first, from }: Taps): Expr =>
  advance(base, add(first, dilation === 1 ? from : mul(from, dilation)), step);
