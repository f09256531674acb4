import { checkCounts } from "./check.js";
import type { Pair, Sides } from "./conv.js";
import { ShapeError } from "./operator.js";

/** What slides over the rows and columns of an image. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
}

/** Rows or columns that a kernel covers: `dilation · (kernel − 1) + 1`. */
export const coverOf = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** The most that a kernel, stride, dilation or padding may measure along an axis. */
const maxMeasure = 2 ** 20;

/** Refuses kernels, strides, dilations and pads that are no sizes. */
export function checkWindow(op: string, { kernel, stride, dilation, pads }: Window): void {
  checkCounts(op, "kernel", kernel, 1, maxMeasure);
  checkCounts(op, "stride", stride, 1, maxMeasure);
  checkCounts(op, "dilation", dilation, 1, maxMeasure);
  checkCounts(op, "padding", pads, 0, maxMeasure);
}

/** The window along the height (0) or the width (1). */
export const alongAxis = ({ kernel, stride, dilation, pads }: Window, axis: 0 | 1) => ({
  kernel: kernel[axis],
  stride: stride[axis],
  dilation: dilation[axis],
  before: pads[axis],
  after: axis === 0 ? pads[2] : pads[3],
});

/** How often the window fits along an axis of `size`; rounded up, no window starts in the far padding. */
function fits(size: number, along: ReturnType<typeof alongAxis>, ceil: boolean): number {
  const { kernel, stride, dilation, before, after } = along;
  const steps = (size + before + after - coverOf(kernel, dilation)) / stride;
  if (!ceil) return Math.floor(steps) + 1;
  const count = Math.ceil(steps) + 1;
  return (count - 1) * stride >= size + before ? count - 1 : count;
}

/** Height and width of what a window makes of an image; refuses one larger than the padded image. */
export function slideWindow(op: string, [h, w]: Pair, window: Window, ceil = false): Pair {
  checkWindow(op, window);
  const [rows, columns] = [alongAxis(window, 0), alongAxis(window, 1)];
  const padded = [h + rows.before + rows.after, w + columns.before + columns.after] as const;
  const cover = [
    coverOf(rows.kernel, rows.dilation),
    coverOf(columns.kernel, columns.dilation),
  ] as const;
  if (cover[0] > padded[0] || cover[1] > padded[1]) {
    throw new ShapeError("kernel-larger-than-input", {
      op,
      kernel: cover.join("x"),
      input: padded.join("x"),
    });
  }
  return [fits(h, rows, ceil), fits(w, columns, ceil)];
}

/**
 * Positions `at` of `0 … count − 1` for which `at · stride + offset` lies inside `0 … size − 1`,
 * end exclusive.
 */
export function insideRange(
  count: number,
  stride: number,
  offset: number,
  size: number,
): { from: number; to: number } {
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(count, Math.floor((size - 1 - offset) / stride) + 1);
  return { from, to: Math.max(from, to) };
}
