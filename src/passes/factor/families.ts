import { type Axis, type AxisSizes, axisSizes, type KernelNode } from "./kernel-axes.js";

/**
 * A way to write a convolution as two, one after the other. Its kernel is seen as one matrix for each
 * combination along `block`, with rows along `first` and columns along `second`:
 *
 *   W[block, first, second] = Σ_r A[block, r, first] · B[block, r, second]
 *
 * A becomes the kernel of the first convolution, whose results are counted along `block` and r, and B
 * that of the second. Stride, dilation and padding of rows and columns stay with the factor that has
 * that axis. The bias is the second's: the first has none, so what the second pads is what it would have read.
 */
export interface Family {
  readonly name: string;
  readonly block: readonly Axis[];
  readonly first: readonly Axis[];
  readonly second: readonly Axis[];
  /** Whether it is another family than those above it for a kernel of these sizes. */
  fits(sizes: AxisSizes): boolean;
}

/** `k×1` over all inputs, then `1×k` to all outputs (Jaderberg, Vedaldi and Zisserman 2014, scheme 2). */
const verticalHorizontal: Family = {
  name: "vertical-horizontal",
  block: ["group"],
  first: ["input", "row"],
  second: ["output", "column"],
  fits: ({ row, column }) => row > 1 && column > 1,
};

/** `1×k` first; its rank is another. */
const horizontalVertical: Family = {
  name: "horizontal-vertical",
  block: ["group"],
  first: ["input", "column"],
  second: ["output", "row"],
  fits: ({ row, column }) => row > 1 && column > 1,
};

/** A few filters for each input channel, then sums over them (Guo et al. 2018, network decoupling). */
const depthwisePointwise: Family = {
  name: "depthwise-pointwise",
  block: ["group", "input"],
  first: ["row", "column"],
  second: ["output"],
  fits: ({ input, output }) => input > 1 && output > 1,
};

/** A few sums over all inputs for each output channel, each with a filter of its own. */
const pointwiseDepthwise: Family = {
  name: "pointwise-depthwise",
  block: ["group", "output"],
  first: ["input"],
  second: ["row", "column"],
  fits: ({ input }) => input > 1,
};

/** All inputs and taps to a few channels, then point by point to all outputs. */
export const fullPointwise: Family = {
  name: "full-pointwise",
  block: ["group"],
  first: ["input", "row", "column"],
  second: ["output"],
  fits: ({ output }) => output > 1,
};

/** Each filter of its own input as columns of taps, then rows. */
const depthwiseVertical: Family = {
  name: "depthwise-vertical",
  block: ["group", "output"],
  first: ["row"],
  second: ["column"],
  fits: ({ input, row, column }) => input === 1 && row > 1 && column > 1,
};

/** Rows first: cheaper where the stride of rows is the larger one. */
const depthwiseHorizontal: Family = {
  name: "depthwise-horizontal",
  block: ["group", "output"],
  first: ["column"],
  second: ["row"],
  fits: ({ input, row, column }) => input === 1 && row > 1 && column > 1,
};

const families: readonly Family[] = [
  verticalHorizontal,
  horizontalVertical,
  depthwisePointwise,
  pointwiseDepthwise,
  fullPointwise,
  depthwiseVertical,
  depthwiseHorizontal,
];

/** Kernels with fewer taps a side are left alone: 3×3, and 5×5 where every channel is on its own. */
const isLarge = ({ input, output, row, column }: AxisSizes): boolean =>
  Math.max(row, column) >= (input === 1 && output === 1 ? 5 : 3);

/** The families that could stand in for a convolution. Of transposed ones, those that work channel by channel. */
export function familiesFor(node: KernelNode): readonly Family[] {
  const sizes = axisSizes(node);
  if (!isLarge(sizes)) return [];
  const fitting = families.filter(({ fits }) => fits(sizes));
  const isDeep = sizes.input === 1 && sizes.output === 1;
  // A channel on its own is one block either way.
  if (isDeep) return fitting.filter(({ block }) => block.includes("output"));
  return node.op === "conv2d" ? fitting : [];
}
