import { build } from "../../../ir/build.js";
import { gather } from "../../../ir/ops/broadcast.js";
import type { ReduceAttributes } from "../../../ir/ops/pool.js";
import { sizeOf, stridesOf } from "../../../ir/types.js";
import { Feature } from "../feature.js";
import { onImage, resize } from "../operators/image.js";
import {
  axisOf,
  completed,
  concatenate,
  padAxes,
  permute,
  reduceAxes,
  sliceAxes,
} from "../operators/shape.js";
import { reshape as reshapeValue } from "../operators/values.js";
import { refuse } from "../reading.js";
import { formatOf } from "./convolution.js";
import type { GraphNode, NodeReader } from "./graph-node.js";
import { type Item, Known } from "./item.js";

/** The same elements under another shape of as many. */
function reshaped(node: GraphNode, item: Item, shape: readonly number[]): Item {
  if (sizeOf(shape) !== sizeOf(item.shape) || !shape.every((n) => Number.isInteger(n) && n >= 1)) {
    return refuse(`[${item.shape}] cannot be seen as [${shape}]`);
  }
  if (item instanceof Feature) return item.reshaped(shape);
  const { stored } = item;
  if (!stored) return Known.numbers(shape, node.dense(item).data, item.isFloat);
  return Known.stored({ dtype: stored.dtype, shape, read: () => ({ ...stored.read(), shape }) });
}

const reshape: NodeReader = (node) => {
  const item = node.item(0);
  return reshaped(node, item, completed(node.known(1, "shape"), sizeOf(item.shape)));
};

const squeeze: NodeReader = (node) => {
  const item = node.item(0);
  const dims =
    node.wholes("squeeze_dims").length > 0 ? node.wholes("squeeze_dims") : node.wholes("axis");
  const axes = dims.map((axis) => axisOf(item.shape.length, axis));
  const isLeft = (n: number, axis: number) => (axes.length > 0 ? !axes.includes(axis) : n !== 1);
  return reshaped(node, item, item.shape.filter(isLeft));
};

const expandDims: NodeReader = (node) => {
  const item = node.item(0);
  const [asked = 0] = node.known(1, "axis");
  const axis = axisOf(item.shape.length + 1, asked);
  return reshaped(node, item, [...item.shape.slice(0, axis), 1, ...item.shape.slice(axis)]);
};

const transpose: NodeReader = (node) => {
  const item = node.item(0);
  const permutation = node.known(1, "order of axes").map((axis) => axisOf(item.shape.length, axis));
  if (item instanceof Feature) return permute(item, permutation);
  if (permutation.length !== item.shape.length) refuse(`its order of axes is [${permutation}]`);
  const strides = stridesOf(item.shape);
  const shape = permutation.map((axis) => item.shape[axis]!);
  const moved = gather(
    node.dense(item).data,
    shape,
    permutation.map((axis) => strides[axis]!),
  );
  return Known.numbers(shape, moved.data, item.isFloat);
};

/** Known vectors and numbers one after another, where all operands are known. */
function joined(node: GraphNode, items: readonly Item[], axis: number): Item {
  const known = items.flatMap((item) =>
    item instanceof Known && item.shape.length === 1 ? item : [],
  );
  if (known.length === items.length) {
    const numbers = known.flatMap((item) => [...node.dense(item).data]);
    return Known.numbers(
      [numbers.length],
      numbers,
      known.every(({ isFloat }) => isFloat),
    );
  }
  return concatenate(
    items.map((_, at) => node.feature(node.items.indexOf(items[at]!), `value${at}`)),
    axis,
  );
}

const concatV2: NodeReader = (node) => {
  const last = node.items.length - 1;
  return joined(node, node.items.slice(0, last), node.known(last, "axis")[0] ?? 0);
};

const concat: NodeReader = (node) =>
  joined(node, node.items.slice(1), node.known(0, "axis")[0] ?? 0);

const pack: NodeReader = (node) => {
  const numbers = node.items.flatMap((item) =>
    item instanceof Known && item.shape.length === 0 ? [...item.dense.data] : [],
  );
  if (numbers.length === node.items.length) {
    const isFloat = node.items.every((item) => item instanceof Known && item.isFloat);
    return Known.numbers([numbers.length], numbers, isFloat);
  }
  const features = node.items.map((_, at) => node.feature(at, `value${at}`));
  const axis = axisOf(features[0]!.rank + 1, node.whole("axis", 0));
  const stacked = features.map((feature) =>
    feature.reshaped([...feature.shape.slice(0, axis), 1, ...feature.shape.slice(axis)]),
  );
  return concatenate(stacked, axis);
};

/** Consecutive parts along an axis. */
function parts(feature: Feature, sizes: readonly number[], axis: number): readonly Feature[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== feature.shape[axis])
    refuse(`parts of [${sizes}] do not make up ${feature.shape[axis]}`);
  let from = 0;
  return sizes.map((size) => {
    const starts = feature.shape.map((_, at) => (at === axis ? from : 0));
    from += size;
    return sliceAxes(
      feature,
      starts,
      feature.shape.map((n, at) => (at === axis ? size : n)),
    );
  });
}

/** How many parts there may be. */
const maxParts = 4096;

const split: NodeReader = (node) => {
  const feature = node.feature(1);
  const axis = axisOf(feature.rank, node.known(0, "axis")[0] ?? 0);
  const count = node.whole("num_split", 1);
  const size = feature.shape[axis]! / count;
  if (count < 1 || count > maxParts || !Number.isInteger(size))
    refuse(`it splits into ${count} parts`);
  return parts(
    feature,
    Array.from({ length: count }, () => size),
    axis,
  );
};

const splitV: NodeReader = (node) => {
  const feature = node.feature(0);
  const axis = axisOf(feature.rank, node.known(2, "axis")[0] ?? 0);
  return parts(feature, completedSum(node.known(1, "sizes"), feature.shape[axis]!), axis);
};

/** Sizes one of which may be −1: what is left. */
function completedSum(sizes: readonly number[], total: number): readonly number[] {
  const told = sizes.filter((size) => size >= 0).reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (size < 0 ? total - told : size));
}

const sliceNode: NodeReader = (node) => {
  const item = node.item(0);
  const starts = node.known(1, "start");
  const sizes = node
    .known(2, "size")
    .map((n, axis) => (n < 0 ? item.shape[axis]! - starts[axis]! : n));
  return sliced(
    node,
    starts,
    sizes,
    starts.map(() => 1),
  );
};

function sliced(
  node: GraphNode,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[],
): Item {
  const item = node.item(0);
  if (item instanceof Feature) return sliceAxes(item, starts, sizes, steps);
  const fits = sizes.every((size, axis) => {
    const last = starts[axis]! + (size - 1) * steps[axis]!;
    return (
      size >= 1 &&
      Math.min(starts[axis]!, last) >= 0 &&
      Math.max(starts[axis]!, last) < item.shape[axis]!
    );
  });
  if (!fits) return refuse(`it takes what [${item.shape}] does not have`);
  const strides = stridesOf(item.shape);
  const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  const moved = strides.map((stride, axis) => stride * steps[axis]!);
  return Known.numbers(
    sizes,
    gather(node.dense(item).data, sizes, moved, offset).data,
    item.isFloat,
  );
}

const stridedSlice: NodeReader = (node) => {
  const item = node.item(0);
  const [begin, end, stride] = [
    node.known(1, "start"),
    node.known(2, "end"),
    node.known(3, "step"),
  ];
  if (node.whole("ellipsis_mask", 0) !== 0 || node.whole("new_axis_mask", 0) !== 0) {
    refuse("it adds axes or leaves some open");
  }
  const has = (key: string, axis: number) => ((node.whole(key, 0) >> axis) & 1) === 1;
  const ranges = item.shape.map((size, axis) => {
    const step = stride[axis] ?? 1;
    const isOne = has("shrink_axis_mask", axis);
    if (step === 0 || (isOne && step < 0)) return refuse(`its step is ${step}`);
    const inside = (at: number) =>
      Math.min(Math.max(at < 0 ? at + size : at, step < 0 ? -1 : 0), step < 0 ? size - 1 : size);
    const isOpen = axis >= begin.length;
    const from =
      isOpen || has("begin_mask", axis) ? (step < 0 ? size - 1 : 0) : inside(begin[axis]!);
    const to = isOpen || has("end_mask", axis) ? (step < 0 ? -1 : size) : inside(end[axis]!);
    return { from, step, count: isOne ? 1 : Math.ceil((to - from) / step), isOne };
  });
  const counts = ranges.map(({ count }) => count);
  const taken = sliced(
    node,
    ranges.map(({ from }) => from),
    counts,
    ranges.map(({ step }) => step),
  );
  const kept = counts.filter((_, axis) => !ranges[axis]!.isOne);
  return kept.length === counts.length ? taken : reshaped(node, taken, kept);
};

const reduceNode =
  (fn: ReduceAttributes["fn"]): NodeReader =>
  (node) => {
    const axes = node.known(1, "axes");
    const keepDims = node.flag("keep_dims") || node.flag("keepDims");
    return reduceAxes(node.feature(0), fn, axes, keepDims);
  };

const prod: NodeReader = (node) => {
  const item = node.item(0);
  if (!(item instanceof Known) || item.shape.length > 1)
    return refuse("it is computed on shapes only");
  return Known.numbers(
    [],
    [node.dense(item).data.reduce((product, n) => product * n, 1)],
    item.isFloat,
  );
};

const gatherNode: NodeReader = (node) => {
  const [item, index] = [node.item(0), node.item(1)];
  if (!(item instanceof Known && index instanceof Known) || item.shape.length !== 1) {
    return refuse("it gathers from shapes only");
  }
  const numbers = node.dense(item).data;
  const taken = node
    .dense(index)
    .data.map((at) => numbers[at] ?? refuse(`there is no element ${at}`));
  return Known.numbers(index.shape, taken, item.isFloat);
};

const pad =
  (mode: "constant" | "mirror"): NodeReader =>
  (node) => {
    const amounts = node.known(1, "padding");
    const pads = node
      .feature(0)
      .shape.map((_, axis) => [amounts[2 * axis] ?? 0, amounts[2 * axis + 1] ?? 0] as const);
    const isMirror = mode === "mirror";
    if (isMirror && node.text("mode", "REFLECT").toUpperCase() !== "REFLECT")
      refuse("it repeats borders");
    const value = !isMirror && node.items.length > 2 ? (node.known(2, "value")[0] ?? 0) : 0;
    return padAxes(node.feature(0), pads, isMirror ? "reflect" : "constant", value);
  };

const resizeNode =
  (mode: "nearest" | "bilinear"): NodeReader =>
  (node) => {
    const [height, width] = node.known(1, "size");
    if (!height || !width || height < 1 || width < 1)
      return refuse("its size is no height and width");
    const sampling = {
      mode,
      halfPixels: node.flag("half_pixel_centers"),
      alignCorners: node.flag("align_corners"),
    };
    return onImage(node.feature(0), "channels_last", (image) =>
      resize(image, [height, width], sampling),
    );
  };

/** Channels for pixels: channel `(y · s + x) · c + k` is channel k of the pixel y, x of each square. */
const depthToSpace: NodeReader = (node) =>
  onImage(node.feature(0), formatOf(node), (image) => {
    const [n, c, h, w] = image.type.shape as [number, number, number, number];
    const s = node.whole("block_size", 1);
    if (s < 1 || c % (s * s) !== 0) refuse(`blocks of ${s} do not divide ${c} channels`);
    const apart = reshapeValue(image, [n, s, s, c / s / s, h, w]);
    const input = build("transpose", { input: apart }, { permutation: [0, 3, 4, 1, 5, 2] });
    return reshapeValue(input, [n, c / s / s, h * s, w * s]);
  });

const spaceToDepth: NodeReader = (node) =>
  onImage(node.feature(0), formatOf(node), (image) => {
    const [n, c, h, w] = image.type.shape as [number, number, number, number];
    const s = node.whole("block_size", 1);
    if (s < 1 || h % s !== 0 || w % s !== 0) refuse(`blocks of ${s} do not divide ${h}x${w}`);
    const apart = reshapeValue(image, [n, c, h / s, s, w / s, s]);
    const input = build("transpose", { input: apart }, { permutation: [0, 3, 5, 1, 2, 4] });
    return reshapeValue(input, [n, c * s * s, h / s, w / s]);
  });

const shapeNode: NodeReader = (node) => {
  const { shape } = node.item(0);
  return Known.numbers([shape.length], shape);
};

const first: NodeReader = (node) => node.item(0);

/** Operators that move, pick or count elements. */
export const shapeReaders: readonly (readonly [string, NodeReader])[] = [
  ["Identity", first],
  ["StopGradient", first],
  ["Snapshot", first],
  ["Cast", first],
  ["IdentityN", (node) => node.items],
  ["Reshape", reshape],
  ["Squeeze", squeeze],
  ["ExpandDims", expandDims],
  ["Transpose", transpose],
  ["ConcatV2", concatV2],
  ["Concat", concat],
  ["Pack", pack],
  ["Split", split],
  ["SplitV", splitV],
  ["Slice", sliceNode],
  ["StridedSlice", stridedSlice],
  ["Mean", reduceNode("mean")],
  ["Sum", reduceNode("sum")],
  ["Max", reduceNode("max")],
  ["Min", reduceNode("min")],
  ["Prod", prod],
  ["Gather", gatherNode],
  ["GatherV2", gatherNode],
  ["Pad", pad("constant")],
  ["PadV2", pad("constant")],
  ["MirrorPad", pad("mirror")],
  ["ResizeBilinear", resizeNode("bilinear")],
  ["ResizeNearestNeighbor", resizeNode("nearest")],
  ["DepthToSpace", depthToSpace],
  ["SpaceToDepth", spaceToDepth],
  ["Shape", shapeNode],
  ["Size", (node) => Known.numbers([], [sizeOf(node.item(0).shape)])],
  ["Rank", (node) => Known.numbers([], [node.item(0).shape.length])],
];
