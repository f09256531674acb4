import type { Pair, Sides } from "../../../ir/ops/conv.js";
import { coverOf } from "../../../ir/ops/window.js";
import type { Item, Known } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import type { OpReader, OpReaders } from "./reader.js";
import { asImage, autoPads, likeInput, pairOf, perAxis, shareOut, windowOf } from "./window.js";

/** The weights of a node as a parameter; those of a 1-D kernel are one row high. */
function weightOf(node: NodeReader, weight: Known): Item {
  const [out = 1, perGroup = 1, ...kernel] = weight.shape;
  const rows = kernel.length === 1 ? [1, ...kernel] : kernel;
  return node.parameter(node.reshape(weight, [out, perGroup, ...rows]) as Known, "weight");
}

/** The kernel's size, which the attribute may repeat. */
function kernelOf(node: NodeReader, weight: Known): readonly number[] {
  const kernel = weight.shape.slice(2);
  const told = node.ints("kernel_shape");
  if (told && String(told) !== String(kernel)) {
    node.refuse(`its kernel_shape is [${told}], but its weight is [${weight.shape}]`);
  }
  return kernel;
}

/** Operands that convolutions share; both weights and bias must be known. */
function operandsOf(node: NodeReader, input: Item, weight: Known) {
  const bias = node.optional(2) && node.known(2, "bias");
  return {
    input: asImage(node, input),
    weight: weightOf(node, weight),
    bias: bias && node.parameter(bias, "bias"),
    extras: [],
  };
}

const conv: OpReader = (node) => {
  const [input, weight] = [node.input(0), node.known(1, "weight")];
  const image = asImage(node, input);
  if (weight.shape.length !== input.shape.length) {
    node.refuse(`its weight is [${weight.shape}], its input [${input.shape}]`);
  }
  const window = windowOf(node, input, kernelOf(node, weight));
  const { stride, dilation, pads } = window;
  const attrs = { stride, dilation, pads, groups: node.int("group", 1), epilogue: [] };
  const operands = { ...operandsOf(node, input, weight), input: image };
  return likeInput(node, node.apply("conv2d", operands, attrs), input);
};

/** What is left out at the borders of a transposed convolution, and added behind. */
interface Around {
  readonly pads: Sides;
  readonly outputPads: Pair;
}

/** Pads that give a transposed convolution a size; what its window does not reach is added behind. */
function padsForSize(node: NodeReader, totals: Pair, outputPads: Pair): Around {
  const upper = node.text("auto_pad", "NOTSET") === "SAME_UPPER";
  const [rows = [0, 0], columns = [0, 0]] = totals.map((total) =>
    shareOut(Math.max(0, total), upper),
  );
  const more = (axis: 0 | 1): number => outputPads[axis] + Math.max(0, -totals[axis]);
  return { pads: [rows[0], columns[0], rows[1], columns[1]], outputPads: [more(0), more(1)] };
}

interface Transposed {
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly outputPads: Pair;
}

/** Pads of a transposed convolution: as told, or such that the output has the size that is wanted. */
function transposedPads(node: NodeReader, axes: number, t: Transposed): Around {
  const { outputPads } = t;
  const auto = node.choice("auto_pad", autoPads, "NOTSET");
  const told = node.ints("output_shape")?.slice(-axes);
  if (auto === "VALID" && !told) return { pads: [0, 0, 0, 0], outputPads };
  const isSized = told || auto === "SAME_UPPER" || auto === "SAME_LOWER";
  if (!isSized) {
    const pads = node.ints("pads") ?? Array.from({ length: 2 * axes }, () => 0);
    const [top, left] = pairOf(node, "pads", pads.slice(0, axes), axes, 0);
    const [bottom, right] = pairOf(node, "pads", pads.slice(axes), axes, 0);
    return { pads: [top, left, bottom, right], outputPads };
  }
  node.ignore("pads");
  const wanted = told
    ? pairOf(node, "output_shape", told, axes, 1)
    : ([t.size[0] * t.stride[0], t.size[1] * t.stride[1]] as const);
  const total = (axis: 0 | 1): number => {
    const reach = (t.size[axis] - 1) * t.stride[axis] + coverOf(t.kernel[axis], t.dilation[axis]);
    return reach + outputPads[axis] - wanted[axis];
  };
  return padsForSize(node, [total(0), total(1)], outputPads);
}

const convTranspose: OpReader = (node) => {
  const [input, weight] = [node.input(0), node.known(1, "weight")];
  const axes = input.shape.length - 2;
  const operands = operandsOf(node, input, weight);
  const [, , height = 1, width = 1] = operands.input.shape;
  const transposed = {
    size: [height, width] as const,
    kernel: pairOf(node, "kernel_shape", kernelOf(node, weight), axes, 1),
    stride: perAxis(node, "strides", axes, 1),
    dilation: perAxis(node, "dilations", axes, 1),
    outputPads: pairOf(
      node,
      "output_padding",
      node.ints("output_padding") ?? Array.from({ length: axes }, () => 0),
      axes,
      0,
    ),
  };
  const { stride, dilation } = transposed;
  const { pads, outputPads } = transposedPads(node, axes, transposed);
  const groups = node.int("group", 1);
  const attrs = { stride, dilation, pads, groups, outputPads, epilogue: [] };
  return likeInput(node, node.apply("deconv2d", operands, attrs), input);
};

export const convReaders: OpReaders = { Conv: conv, ConvTranspose: convTranspose };
