import type { Value } from "../graph.js";
import { f32, printType, sizeOf, stridesOf, type TensorType } from "../types.js";
import { gather } from "./broadcast.js";
import { checkAxis, checkFloat, checkRank, printShape } from "./check.js";
import type { Pair, Sides } from "./conv.js";
import { type Dense, type Operator, ShapeError } from "./operator.js";
import { alongAxis, insideRange, slideWindow } from "./window.js";

export type PoolOperands = {
  readonly input: Value;
};

export interface MaxPoolAttributes {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
  /** Rounds the output size up; no window starts in the far padding (as in PyTorch). */
  readonly ceil: boolean;
}

export interface AvgPoolAttributes extends MaxPoolAttributes {
  /** Whether the divisor counts padding inside the padded input (never what `ceil` adds beyond it). */
  readonly countIncludePad: boolean;
}

/** The taps of window `at` along one axis that lie in `−before … size + after − 1`. */
function tapsOf(
  at: number,
  size: number,
  { kernel, stride, dilation, before }: ReturnType<typeof alongAxis>,
  margin: { readonly before: number; readonly after: number } = { before: 0, after: 0 },
): number[] {
  const first = at * stride - before + margin.before;
  const { from, to } = insideRange(kernel, dilation, first, size + margin.before + margin.after);
  return Array.from({ length: to - from }, (_, i) => first - margin.before + (from + i) * dilation);
}

/** The first window along an axis that sees nothing but padding; undefined when there is none. */
function blindWindow(
  count: number,
  size: number,
  along: ReturnType<typeof alongAxis>,
): number | undefined {
  const isBlind = (at: number): boolean => tapsOf(at, size, along).length === 0;
  if (isBlind(0)) return 0;
  if (isBlind(count - 1)) return count - 1;
  // Taps further apart than the image is long may miss it from anywhere.
  for (let at = 1; along.dilation > size && at < count - 1; at++) if (isBlind(at)) return at;
  return undefined;
}

function poolType(op: string, input: TensorType, attrs: MaxPoolAttributes): readonly TensorType[] {
  checkRank(op, "input", input, [4]);
  const [n, c, h, w] = input.shape as [number, number, number, number];
  const size = slideWindow(op, [h, w], attrs, attrs.ceil);
  const blindRow = blindWindow(size[0], h, alongAxis(attrs, 0));
  const blind = blindRow ?? blindWindow(size[1], w, alongAxis(attrs, 1));
  if (blind === undefined) return [f32(n, c, ...size)];
  const axis = blindRow === undefined ? "width" : "height";
  throw new ShapeError("window-in-padding", { op, window: blind, axis, input: printType(input) });
}

/** Calls `summary` with the values that each window sees, and sets its result. */
function overWindows(
  input: Dense,
  attrs: MaxPoolAttributes,
  shape: readonly number[],
  summary: (seen: readonly number[], y: number, x: number) => number,
): Dense {
  const [n, c, oh, ow] = shape as [number, number, number, number];
  const [, , h, w] = input.shape as [number, number, number, number];
  const rows = Array.from({ length: oh }, (_, y) => tapsOf(y, h, alongAxis(attrs, 0)));
  const columns = Array.from({ length: ow }, (_, x) => tapsOf(x, w, alongAxis(attrs, 1)));
  const data = new Float64Array(sizeOf(shape));
  for (let plane = 0; plane < n * c; plane++) {
    for (let y = 0; y < oh; y++) {
      for (let x = 0; x < ow; x++) {
        const seen = rows[y]!.flatMap((i) =>
          columns[x]!.map((j) => input.data[(plane * h + i) * w + j]!),
        );
        data[(plane * oh + y) * ow + x] = summary(seen, y, x);
      }
    }
  }
  return { shape, data };
}

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
const largest = (values: readonly number[]): number =>
  values.reduce((best, x) => Math.max(best, x), Number.NEGATIVE_INFINITY);
const smallest = (values: readonly number[]): number =>
  values.reduce((best, x) => Math.min(best, x), Number.POSITIVE_INFINITY);

/** Largest value of each window; padding never wins; unspecified when one is NaN. Input `[n, c, h, w]`. */
export const maxPool: Operator<PoolOperands, MaxPoolAttributes> = {
  infer: ({ input }, attrs) => poolType("maxPool", input, attrs),
  macs: () => 0,
  evaluate: ({ input }, attrs, results) => [overWindows(input, attrs, results[0]!.shape, largest)],
};

/** Mean of each window. */
export const avgPool: Operator<PoolOperands, AvgPoolAttributes> = {
  infer: ({ input }, attrs) => poolType("avgPool", input, attrs),
  macs: () => 0,
  evaluate: ({ input }, attrs, results) => {
    const counted = (axis: 0 | 1, at: number): number => {
      const along = alongAxis(attrs, axis);
      return tapsOf(at, input.shape[axis + 2]!, along, along).length;
    };
    const mean = (seen: readonly number[], y: number, x: number): number =>
      sum(seen) / (attrs.countIncludePad ? counted(0, y) * counted(1, x) : seen.length);
    return [overWindows(input, attrs, results[0]!.shape, mean)];
  },
};

export interface ReduceAttributes {
  readonly fn: "mean" | "sum" | "max" | "min";
  /** Ascending axes of the input. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reductions: { readonly [K in ReduceAttributes["fn"]]: (values: number[]) => number } = {
  mean: (values) => sum(values) / values.length,
  sum,
  max: largest,
  min: smallest,
};

/** Reduces whole axes; global pooling is `axes [2, 3]` with `keepDims`. */
export const reduce: Operator<PoolOperands, ReduceAttributes> = {
  infer: ({ input }, { axes, keepDims }) => {
    checkFloat("reduce", "input", input);
    for (const axis of axes) checkAxis("reduce", axis, input);
    if (axes.length === 0 || axes.some((axis, i) => i > 0 && axis <= axes[i - 1]!)) {
      throw new ShapeError("attribute-range", {
        op: "reduce",
        attribute: "axes",
        wanted: "one or more different axes in ascending order",
        actual: printShape(axes),
      });
    }
    const shape = input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return [f32(...(keepDims ? shape : shape.filter((_, axis) => !axes.includes(axis))))];
  },
  macs: () => 0,
  evaluate: ({ input }, { fn, axes }, results) => {
    const kept = input.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const order = [...kept, ...axes];
    const shape = order.map((axis) => input.shape[axis]!);
    const strides = stridesOf(input.shape);
    const rows = gather(
      input.data,
      shape,
      order.map((axis) => strides[axis]!),
    ).data;
    const data = new Float64Array(sizeOf(results[0]!.shape));
    const length = rows.length / data.length;
    for (let at = 0; at < data.length; at++) {
      data[at] = reductions[fn]([...rows.subarray(at * length, (at + 1) * length)]);
    }
    return [{ shape: results[0]!.shape, data }];
  },
};
