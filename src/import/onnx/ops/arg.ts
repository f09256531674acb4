import { sizeOf } from "../../../ir/types.js";
import { checkFolded } from "../apply.js";
import { type Item, type Known, knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { minus, multiply } from "./arithmetic.js";
import { chosen } from "./logic.js";
import type { OpReader, OpReaders } from "./reader.js";
import { asImage, likeInput, type SlidingWindow } from "./window.js";

/** Indices along an axis, with as many axes as a tensor has. */
function indices(shape: readonly number[], axis: number): Known {
  const spread = shape.map((size, at) => (at === axis ? size : 1));
  return knownNumbers(
    "float32",
    spread,
    Float64Array.from({ length: shape[axis]! }, (_, i) => i),
  );
}

/**
 * Where along an axis the largest (or smallest) number stands, the first of equal ones or the last: the
 * largest of the indices at which it does, counted from the end for the first.
 */
function extremeAt(node: NodeReader, input: Item, axis: number, fn: "max" | "min", last: boolean) {
  const axes = [axis];
  const extreme = node.apply("reduce", { input }, { fn, axes, keepDims: true });
  const isThere = node.apply("binary", { left: input, right: extreme }, { fn: "equal" });
  const size = input.shape[axis]!;
  const places = indices(input.shape, axis);
  const ranks = last ? places : minus(node, node.scalar(size), places);
  const ranked = node.apply("binary", { left: ranks, right: isThere }, { fn: "mask" });
  const best = node.apply("reduce", { input: ranked }, { fn: "max", axes, keepDims: true });
  return last ? best : minus(node, node.scalar(size), best);
}

const arg =
  (fn: "max" | "min"): OpReader =>
  (node) => {
    const input = node.input(0);
    const axis = node.axis(node.int("axis", 0), input.shape.length);
    const at = extremeAt(node, input, axis, fn, node.flag("select_last_index", false));
    if (node.flag("keepdims", true)) return at;
    return node.reshape(
      at,
      at.shape.filter((_, other) => other !== axis),
    );
  };

/** 1 at the first of the largest numbers along an axis, else 0; the oldest flatten as Softmax does. */
const hardmax: OpReader = (node) => {
  const input = node.input(0);
  const isOld = node.opset < 13;
  const told = node.axis(node.int("axis", isOld ? 1 : -1), input.shape.length);
  const flat = [sizeOf(input.shape.slice(0, told)), sizeOf(input.shape.slice(told))];
  const rows = isOld ? node.reshape(input, flat) : input;
  const axis = isOld ? 1 : told;
  const at = extremeAt(node, rows, axis, "max", false);
  const places = indices(rows.shape, axis);
  const hot = node.apply("binary", { left: places, right: at }, { fn: "equal" }, input.dtype);
  return node.reshape(hot, input.shape);
};

/** The largest window whose places are told one by one. */
const mostTaps = 64;

/** For each element of a pool's result, the place in the whole input that a tap of its window reads. */
function placesOf(
  input: readonly number[],
  result: readonly number[],
  { stride, dilation, pads }: SlidingWindow,
  [ky, kx]: readonly [number, number],
  columnMajor: boolean,
): Known {
  const [, channels = 1, height = 1, width = 1] = input;
  const [n = 1, c = 1, rows = 1, columns = 1] = result;
  const places = new Float64Array(sizeOf(result));
  let at = 0;
  for (let plane = 0; plane < n * c; plane++) {
    const first =
      (plane - (plane % channels)) * height * width + (plane % channels) * height * width;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const row = y * stride[0] - pads[0] + ky * dilation[0];
        const column = x * stride[1] - pads[1] + kx * dilation[1];
        places[at++] = first + (columnMajor ? column * height + row : row * width + column);
      }
    }
  }
  return knownNumbers("float32", result, places);
}

/** What one tap of each window reads, of an input with all its padding around it. */
function tapOf(
  node: NodeReader,
  padded: Item,
  result: readonly number[],
  { stride, dilation }: SlidingWindow,
  [ky, kx]: readonly [number, number],
): Item {
  const starts = [0, 0, ky * dilation[0], kx * dilation[1]];
  const steps = [1, 1, ...stride].map((step, axis) => (result[axis] === 1 ? 1 : step));
  return node.apply("slice", { input: padded }, { starts, sizes: result, steps });
}

/**
 * Where in the whole input the largest number of each window stands, the first of equal ones: taps are
 * compared with the pool's result from the last to the first, and each that equals it tells its place.
 */
export function poolIndices(
  node: NodeReader,
  input: Item,
  pooled: Item,
  window: SlidingWindow,
  columnMajor: boolean,
): Item {
  const image = asImage(node, input);
  const [result, from] = [asImage(node, pooled), image.shape];
  const { kernel, stride, dilation, pads } = window;
  if (kernel[0] * kernel[1] > mostTaps)
    node.refuse(`places in windows of ${kernel[0]}x${kernel[1]}`);
  checkFolded([kernel[0] * kernel[1] * sizeOf(result.shape)], [input]);
  const behind = ([0, 1] as const).map((axis) => {
    const reach =
      (result.shape[axis + 2]! - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(0, reach - from[axis + 2]! - pads[axis]);
  });
  const before = [0, 0, pads[0], pads[1]];
  const around = { before, after: [0, 0, ...behind], mode: "constant" } as const;
  const padded = node.apply(
    "pad",
    { input: image },
    { ...around, value: Number.NEGATIVE_INFINITY },
  );
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const place = [Math.floor(tap / kernel[1]), tap % kernel[1]] as const;
    const value = tapOf(node, padded, result.shape, window, place);
    return { value, at: placesOf(from, result.shape, window, place, columnMajor) };
  });
  const first: Item = multiply(node, result, node.scalar(0));
  const places = taps.reduceRight((found: Item, { value, at }) => {
    const isIt = node.apply("binary", { left: value, right: result }, { fn: "equal" });
    return chosen(node, isIt, at, found);
  }, first);
  return likeInput(node, places, input);
}

export const argReaders: OpReaders = {
  ArgMax: arg("max"),
  ArgMin: arg("min"),
  Hardmax: hardmax,
};
