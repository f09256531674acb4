import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import type { Pair, Sides } from "../../../ir/ops/conv.js";
import { combine, Feature } from "../feature.js";
import { activate, rectify } from "../operators/activate.js";
import {
  convolve,
  convolveTransposed,
  type DataFormat,
  featureOf,
  imageOf,
  type Padding,
  pool,
  type Window,
} from "../operators/image.js";
import { binary } from "../operators/values.js";
import { refuse } from "../reading.js";
import type { GraphNode, NodeReader } from "./graph-node.js";

export const formatOf = (node: GraphNode): DataFormat =>
  node.text("data_format", "NHWC") === "NCHW" ? "channels_first" : "channels_last";

/** The rows' and columns' numbers of a list for all four axes. */
function spatial(node: GraphNode, key: string, format: DataFormat): Pair {
  const all = node.wholes(key);
  if (all.length === 0) return [1, 1];
  const [row, column] = format === "channels_last" ? [1, 2] : [2, 3];
  const rest = all.filter((_, axis) => axis !== row && axis !== column);
  if (all.length !== 4 || rest.some((n) => n !== 1)) refuse(`its ${key} are [${all}]`);
  return [all[row]!, all[column]!];
}

function paddingOf(node: GraphNode, format: DataFormat): Padding {
  const padding = node.text("padding", "VALID");
  if (padding === "SAME") return "same";
  if (padding === "VALID") return "valid";
  if (padding !== "EXPLICIT") return refuse(`its padding is ${padding.slice(0, 20)}`);
  const all = node.wholes("explicit_paddings");
  const at = format === "channels_last" ? 2 : 4;
  if (all.length !== 8) refuse(`its explicit_paddings are [${all}]`);
  const [top, bottom, left, right] = all.slice(at, at + 4) as [number, number, number, number];
  return [top, left, bottom, right] satisfies Sides;
}

const windowOf = (node: GraphNode, kernel: Pair, format: DataFormat): Window => ({
  kernel,
  stride: spatial(node, "strides", format),
  dilation: spatial(node, "dilations", format),
  padding: paddingOf(node, format),
});

/** The kernel's height and width, channels in and channels out. */
function filterOf(node: GraphNode, at: number): readonly [number, number, number, number] {
  const { shape } = node.item(at);
  if (shape.length !== 4) refuse(`its filter has the shape [${shape}]`);
  return shape as unknown as readonly [number, number, number, number];
}

/** What a fused node does to its sums: the operations named, whose operands stand from `first` on. */
function fused(
  node: GraphNode,
  sums: (bias: Value | undefined) => Feature,
  first: number,
): Feature {
  const names = node.texts("fused_ops");
  const hasBias = names[0] === "BiasAdd";
  const bias = hasBias ? node.weight(first, "bias", {}) : undefined;
  const rest = names.slice(hasBias ? 1 : 0);
  if (rest.length > 1) refuse(`it fuses ${names.join(", ")}`);
  const [name] = rest;
  const result = sums(bias);
  if (name === undefined) return result;
  if (name === "LeakyRelu") return rectify(result, node.number("leakyrelu_alpha", 0.2), undefined);
  if (name !== "Prelu") return activate(result, name);
  return combine(result, node.feature(first + 1, "slope"), (x, slope) => binary("prelu", x, slope));
}

/** Kernels are stored `[kh, kw, c / groups, out]`. */
export const conv2D: NodeReader = (node) => {
  const format = formatOf(node);
  const image = imageOf(node.feature(0), format);
  const [kh, kw, perGroup] = filterOf(node, 1);
  const groups = image.type.shape[1]! / perGroup;
  const weight = node.weight(1, "weight", { permutation: [3, 2, 0, 1] });
  const window = { ...windowOf(node, [kh, kw], format), groups };
  const sums = (bias: Value | undefined) =>
    featureOf(convolve(image, { weight, bias }, window, node.label), format);
  return fused(node, sums, 2);
};

/** Kernels are stored `[kh, kw, c, multiplier]`. */
export const depthwiseConv2D: NodeReader = (node) => {
  const format = formatOf(node);
  const image = imageOf(node.feature(0), format);
  const [kh, kw, channels, multiplier] = filterOf(node, 1);
  const shape = [channels * multiplier, 1, kh, kw];
  const weight = node.weight(1, "weight", { permutation: [2, 3, 0, 1], shape });
  const window = { ...windowOf(node, [kh, kw], format), groups: channels };
  const sums = (bias: Value | undefined) =>
    featureOf(convolve(image, { weight, bias }, window, node.label), format);
  return fused(node, sums, 2);
};

/** Operands: the result's shape, a filter `[kh, kw, out, c]`, the image. */
export const conv2DBackpropInput: NodeReader = (node) => {
  const format = formatOf(node);
  const result = node.known(0, "output shape");
  const [kh, kw] = filterOf(node, 1);
  const image = imageOf(node.feature(2), format);
  const weight = node.weight(1, "weight", { permutation: [3, 2, 0, 1] });
  const [row, column] = format === "channels_last" ? [1, 2] : [2, 3];
  const size = [result[row]!, result[column]!] as const;
  const window = { ...windowOf(node, [kh, kw], format), size };
  const operands = { weight, bias: undefined };
  return featureOf(convolveTransposed(image, operands, window, node.label), format);
};

export const matMul: NodeReader = (node) => {
  if (node.flag("transpose_a") || node.flag("adj_x")) refuse("its first operand is transposed");
  const input = node.feature(0);
  const { shape } = node.item(1);
  if (input.rank !== 2 || shape.length !== 2) {
    refuse(`it multiplies [${input.shape}] with [${shape}], not two matrices`);
  }
  const isTransposed = node.flag("transpose_b") || node.flag("adj_y");
  const weight = node.weight(1, "weight", isTransposed ? {} : { permutation: [1, 0] });
  const sums = (bias: Value | undefined) => {
    const operands = { input: input.last, weight, bias, extras: [] };
    return Feature.last(build("linear", operands, { epilogue: [] }, { name: node.label }));
  };
  return fused(node, sums, 2);
};

export const poolNode =
  (kind: "max" | "avg"): NodeReader =>
  (node) => {
    const format = formatOf(node);
    const image = imageOf(node.feature(0), format);
    const kernel = spatial(node, "ksize", format);
    return featureOf(pool(image, kind, windowOf(node, kernel, format)), format);
  };

/** Operands: the image, scale, offset, mean, variance. */
export const fusedBatchNorm: NodeReader = (node) => {
  const format = formatOf(node);
  if (node.flag("is_training")) refuse("it normalises by the batch's own mean, as in training");
  const input = imageOf(node.feature(0), format);
  const parameters = {
    gamma: node.weight(1, "weight", {}),
    beta: node.weight(2, "bias", {}),
    mean: node.weight(3, "running_mean", {}, "statistic"),
    variance: node.weight(4, "running_var", {}, "statistic"),
  };
  const attrs = { epsilon: node.number("epsilon", 1e-4) };
  const origin = { name: node.label };
  return featureOf(build("batchNorm", { input, ...parameters }, attrs, origin), format);
};

/** A number for each channel. */
export const biasAdd: NodeReader = (node) => {
  const [input, bias] = [node.feature(0), node.feature(1, "bias")];
  const isFirst = formatOf(node) === "channels_first" && input.rank === 4;
  const shift = isFirst ? bias.reshaped([bias.shape[0]!, 1, 1]) : bias;
  return combine(input, shift, (x, y) => binary("add", x, y));
};
