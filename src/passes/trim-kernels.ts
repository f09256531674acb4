import { build } from "../ir/build.js";
import { dataOf, withData } from "../ir/constants.js";
import type { NodeOf, Value } from "../ir/graph.js";
import type { Sides } from "../ir/ops/conv.js";
import { type Rewriting, structuralPass } from "./structural-pass.js";

/** First and last row (or column) of a kernel that matters. */
interface Extent {
  readonly first: number;
  readonly last: number;
}

/** What is cut off a kernel, in rows and columns. */
interface Trim {
  readonly rows: Extent;
  readonly columns: Extent;
}

/**
 * Cuts off the outer rows and columns of a kernel that never matter: their weights are all zero, or they meet
 * nothing but padding wherever the kernel stands. What is left may be a single tap: a 1×1 convolution.
 *
 *   tap t of k is live  ⇔  w[…t…] ≠ 0  and  0 ≤ i·s + t·d − p < size for some output i
 *
 * The padding shrinks with the kernel; where it is too small for that, a convolution reads a slice of its
 * input. Left alone when weights are only known at run time or no tap is live, and transposed convolutions with
 * less padding than is cut off, whose border would be lost.
 */
export const trimKernels = structuralPass({
  name: "trim-kernels",
  summary: "cut off the borders of kernels that are zero or only meet padding",
  op: ["conv2d", "deconv2d"],
  exactness: "rounding",
  find(conv): Rewriting | undefined {
    const weight = dataOf(conv.operands.weight);
    const trim = weight && trimOf(conv, weight);
    const value = trim && trimmed(conv, trim);
    if (!value) return undefined;
    const [, , kh, kw] = conv.operands.weight.type.shape as Shape4;
    const [rows, columns] = [countOf(trim.rows), countOf(trim.columns)];
    return {
      value,
      replaces: [conv],
      family: `${kh}x${kw} = ${rows}x${columns}`,
      label: "rounding",
      weightError: 0,
      outputError: 0,
      reason: "the other taps are zero or only meet padding",
    };
  },
});

type Shape4 = [number, number, number, number];
type Conv = NodeOf<"conv2d"> | NodeOf<"deconv2d">;

const countOf = ({ first, last }: Extent): number => last - first + 1;

/** What can be cut off; undefined when that is nothing. */
function trimOf(conv: Conv, weight: Float32Array): Trim | undefined {
  const [, , kh, kw] = conv.operands.weight.type.shape as Shape4;
  const rowLives = new Array<boolean>(kh).fill(false);
  const columnLives = new Array<boolean>(kw).fill(false);
  const [meetsRow, meetsColumn] = [meets(conv, 0, kh), meets(conv, 1, kw)];
  let unseen = kh + kw;
  for (let at = 0; at < weight.length && unseen > 0; at++) {
    const [row, column] = [Math.floor(at / kw) % kh, at % kw];
    if (weight[at] === 0 || !meetsRow[row] || !meetsColumn[column]) continue;
    if (!rowLives[row]) unseen--;
    if (!columnLives[column]) unseen--;
    rowLives[row] = true;
    columnLives[column] = true;
  }
  if (unseen === kh + kw) return undefined;
  const [rows, columns] = [extentOf(rowLives), extentOf(columnLives)];
  return countOf(rows) < kh || countOf(columns) < kw ? { rows, columns } : undefined;
}

/** From the first that lives to the last. */
const extentOf = (lives: readonly boolean[]): Extent => ({
  first: lives.indexOf(true),
  last: lives.lastIndexOf(true),
});

/** Which of the taps along an axis ever meet an element: of the input, or of a transposed one's result. */
function meets({ op, attrs, operands, results }: Conv, axis: 0 | 1, taps: number): boolean[] {
  const [input, result] = [operands.input.type.shape, results[0]!.type.shape];
  const [places, size] = op === "conv2d" ? [result, input] : [input, result];
  const [stride, dilation, pad] = [attrs.stride[axis], attrs.dilation[axis], attrs.pads[axis]];
  return Array.from({ length: taps }, (_, tap) => {
    const offset = tap * dilation - pad;
    const nearest = Math.max(0, Math.ceil(-offset / stride));
    return nearest < places[axis + 2]! && nearest * stride + offset < size[axis + 2]!;
  });
}

/** The convolution with the kernel that is left; undefined when its border cannot be kept. */
function trimmed(conv: Conv, { rows, columns }: Trim): Value | undefined {
  const weight = cutWeight(conv.operands.weight, rows, columns);
  const [, , kh, kw] = conv.operands.weight.type.shape as Shape4;
  const [dy, dx] = conv.attrs.dilation;
  const [above, before] = [rows.first * dy, columns.first * dx];
  const [below, behind] = [(kh - 1 - rows.last) * dy, (kw - 1 - columns.last) * dx];
  const [top, left, bottom, right] = conv.attrs.pads;
  const pads: Sides = [top - above, left - before, bottom - below, right - behind];
  if (conv.op === "conv2d") {
    const input = sliced(conv.operands.input, pads);
    const kept = atLeastZero(pads);
    return build(
      "conv2d",
      { ...conv.operands, input, weight },
      { ...conv.attrs, pads: kept },
      conv,
    );
  }
  if (pads.some((pad) => pad < 0)) return undefined;
  return build("deconv2d", { ...conv.operands, weight }, { ...conv.attrs, pads }, conv);
}

const atLeastZero = ([top, left, bottom, right]: Sides): Sides => [
  Math.max(0, top),
  Math.max(0, left),
  Math.max(0, bottom),
  Math.max(0, right),
];

/** An image without the rows and columns that negative padding takes away. */
function sliced(input: Value, [top, left, bottom, right]: Sides): Value {
  if (Math.min(top, left, bottom, right) >= 0) return input;
  const [n, c, h, w] = input.type.shape as Shape4;
  const [y, x] = [Math.max(0, -top), Math.max(0, -left)];
  const sizes = [n, c, h - y - Math.max(0, -bottom), w - x - Math.max(0, -right)];
  return build("slice", { input }, { starts: [0, 0, y, x], sizes, steps: [1, 1, 1, 1] });
}

/** Rows and columns of a weight `[a, b, kh, kw]`. */
function cutWeight(weight: Value, rows: Extent, columns: Extent): Value {
  const [a, b, kh, kw] = weight.type.shape as Shape4;
  const [height, width] = [countOf(rows), countOf(columns)];
  const old = dataOf(weight)!;
  const data = Float32Array.from({ length: a * b * height * width }, (_, at) => {
    const column = columns.first + (at % width);
    const row = rows.first + (Math.floor(at / width) % height);
    return old[(Math.floor(at / width / height) * kh + row) * kw + column]!;
  });
  return withData(weight, data, [a, b, height, width]);
}
