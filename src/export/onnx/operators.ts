import { InternalError } from "../../diagnostics/report.js";
import type { Node, NodeOf, Value } from "../../ir/graph.js";
import type { ConvOperands, Sides } from "../../ir/ops/conv.js";
import type { OpName } from "../../ir/ops/index.js";
import { writeBinary, writeSteps, writeUnary } from "./elementwise.js";
import type { OnnxEmitter } from "./emitter.js";
import { writeGroupNorm, writeLrn } from "./normalise.js";
import { writeAvgPool, writeMaxPool } from "./pool.js";
import { writeResample } from "./resample.js";
import { reshaped } from "./reshaped.js";

/** Writes one node and returns the names of its results. */
type Writer<K extends OpName> = (out: OnnxEmitter, node: NodeOf<K>) => string | readonly string[];

const shapeOf = (value: Value): readonly number[] => value.type.shape;
const resultShape = (node: Node): readonly number[] => node.results[0]!.type.shape;

/** The operands of a convolution or product: input, weight, and the bias when there is one. */
const convInputs = (out: OnnxEmitter, { input, weight, bias }: ConvOperands): string[] =>
  [input, weight, ...(bias ? [bias] : [])].map((value) => out.nameOf(value));

const withEpilogue = (
  out: OnnxEmitter,
  node: NodeOf<"conv2d" | "deconv2d" | "linear">,
  value: string,
): string => {
  const extras = node.operands.extras.map((extra) => out.nameOf(extra));
  return writeSteps(out, node.attrs.epilogue, value, extras, node.name);
};

const convAttributes = (node: NodeOf<"conv2d" | "deconv2d">) => {
  const { stride, dilation, pads, groups } = node.attrs;
  return {
    kernel_shape: { ints: shapeOf(node.operands.weight).slice(2) },
    strides: { ints: stride },
    dilations: { ints: dilation },
    pads: { ints: pads satisfies Sides },
    group: { int: groups },
  };
};

const reduceTypes = { mean: "ReduceMean", max: "ReduceMax", min: "ReduceMin" } as const;

const writeReduce: Writer<"reduce"> = (out, { attrs, operands, name }) => {
  const x = out.nameOf(operands.input);
  const global = String(attrs.axes) === "2,3" && shapeOf(operands.input).length === 4;
  if (global && attrs.keepDims && attrs.fn === "mean")
    return out.one("GlobalAveragePool", [x], {}, name);
  if (global && attrs.keepDims && attrs.fn === "max")
    return out.one("GlobalMaxPool", [x], {}, name);
  const keepdims = { int: attrs.keepDims ? 1 : 0 };
  if (attrs.fn === "sum") {
    return out.one("ReduceSum", [x, out.int64s("axes", attrs.axes)], { keepdims }, name);
  }
  return out.one(reduceTypes[attrs.fn], [x], { axes: { ints: attrs.axes }, keepdims }, name);
};

const writeSlice: Writer<"slice"> = (out, { attrs, operands, name }) => {
  const axes = attrs.starts.map((_, axis) => axis);
  // One step past the last element; behind element 0 only a large negative number says so.
  const ends = attrs.starts.map((start, axis) => {
    const end = start + attrs.sizes[axis]! * attrs.steps[axis]!;
    return end < 0 ? -(2 ** 31) : end;
  });
  const parts = [attrs.starts, ends, axes, attrs.steps];
  const names = ["starts", "ends", "axes", "steps"];
  const inputs = parts.map((part, i) => out.int64s(names[i]!, part));
  return out.one("Slice", [out.nameOf(operands.input), ...inputs], {}, name);
};

const writeResize: Writer<"resize"> = (out, node) => {
  const sizes = out.int64s("sizes", resultShape(node));
  const nearest = {
    mode: { string: "nearest" },
    coordinate_transformation_mode: { string: "asymmetric" },
    nearest_mode: { string: "floor" },
  };
  const linear = {
    mode: { string: "linear" },
    coordinate_transformation_mode: { string: "half_pixel" },
  };
  const attributes = node.attrs.mode === "nearest" ? nearest : linear;
  return out.one("Resize", [out.nameOf(node.operands.input), "", "", sizes], attributes, node.name);
};

const writeShuffle: Writer<"channelShuffle"> = (out, { attrs, operands, name }) => {
  const shape = shapeOf(operands.input);
  const [images = 1, channels = 1, height = 1, width = 1] = shape;
  const grouped = [images, attrs.groups, channels / attrs.groups, height, width];
  const split = reshaped(out, out.nameOf(operands.input), grouped, name);
  const turned = out.one("Transpose", [split], { perm: { ints: [0, 2, 1, 3, 4] } }, name);
  return reshaped(out, turned, shape, name);
};

/** Every operator's ONNX form, opset 17. */
export const writers: { readonly [K in OpName]: Writer<K> } = {
  input: (out, node) => out.nameOf(node.results[0]!),
  parameter: () => {
    throw new InternalError("a graph is exported after its weights are bound");
  },
  constant: (out, { attrs, name }) => out.floats(name || "constant", attrs.shape, attrs.data),
  conv2d: (out, node) =>
    withEpilogue(
      out,
      node,
      out.one("Conv", convInputs(out, node.operands), convAttributes(node), node.name),
    ),
  deconv2d: (out, node) => {
    const attributes = {
      ...convAttributes(node),
      output_padding: { ints: node.attrs.outputPads },
    };
    const inputs = convInputs(out, node.operands);
    return withEpilogue(out, node, out.one("ConvTranspose", inputs, attributes, node.name));
  },
  linear: (out, node) => {
    const inputs = convInputs(out, node.operands);
    return withEpilogue(out, node, out.one("Gemm", inputs, { transB: { int: 1 } }, node.name));
  },
  unary: (out, { attrs, operands, name }) =>
    writeUnary(out, attrs.fn, out.nameOf(operands.input), name),
  binary: (out, { attrs, operands, name }) =>
    writeBinary(out, attrs.fn, out.nameOf(operands.left), out.nameOf(operands.right), name),
  elementwise: (out, { attrs, operands, name }) => {
    const extras = operands.extras.map((extra) => out.nameOf(extra));
    return writeSteps(out, attrs.steps, out.nameOf(operands.input), extras, name);
  },
  cast: (out, { operands, name }) =>
    out.one("Cast", [out.nameOf(operands.input)], { to: { int: 1 } }, name),
  maxPool: (out, node) => writeMaxPool(out, node, out.nameOf(node.operands.input)),
  avgPool: (out, node) => writeAvgPool(out, node, out.nameOf(node.operands.input)),
  reduce: writeReduce,
  batchNorm: (out, { attrs, operands, name }) => {
    const { input, gamma, beta, mean, variance } = operands;
    const inputs = [input, gamma, beta, mean, variance].map((value) => out.nameOf(value));
    return out.one("BatchNormalization", inputs, { epsilon: { float: attrs.epsilon } }, name);
  },
  groupNorm: writeGroupNorm,
  lrn: writeLrn,
  softmax: (out, { attrs, operands, name }) =>
    out.one(
      attrs.log ? "LogSoftmax" : "Softmax",
      [out.nameOf(operands.input)],
      { axis: { int: attrs.axis } },
      name,
    ),
  reshape: (out, { attrs, operands, name }) =>
    reshaped(out, out.nameOf(operands.input), attrs.shape, name),
  transpose: (out, { attrs, operands, name }) =>
    out.one("Transpose", [out.nameOf(operands.input)], { perm: { ints: attrs.permutation } }, name),
  concat: (out, { attrs, operands, name }) =>
    out.one(
      "Concat",
      operands.inputs.map((value) => out.nameOf(value)),
      { axis: { int: attrs.axis } },
      name,
    ),
  slice: writeSlice,
  split: (out, { attrs, operands, name }) => {
    const inputs = [out.nameOf(operands.input), out.int64s("split", attrs.sizes)];
    return out.node("Split", inputs, { axis: { int: attrs.axis } }, name, attrs.sizes.length);
  },
  pad: (out, { attrs, operands, name }) => {
    const amounts = out.int64s("pads", [...attrs.before, ...attrs.after]);
    const inputs = [out.nameOf(operands.input), amounts, out.scalar("value", attrs.value)];
    return out.one("Pad", inputs, { mode: { string: attrs.mode } }, name);
  },
  resize: writeResize,
  resample: writeResample,
  channelShuffle: writeShuffle,
  pixelShuffle: (out, { attrs, operands, name }) =>
    out.one(
      "DepthToSpace",
      [out.nameOf(operands.input)],
      { blocksize: { int: attrs.factor }, mode: { string: "CRD" } },
      name,
    ),
  dropout: (out, { operands, name }) => out.one("Identity", [out.nameOf(operands.input)], {}, name),
};
