import type { NodeOf, Value } from "../../ir/graph.js";
import type { BinaryFunction } from "../../ir/ops/arithmetic.js";
import type { OpName } from "../../ir/ops/index.js";
import { sizeOf } from "../../ir/types.js";
import { activation } from "./activation.js";
import {
  count,
  halfOf,
  numberOf,
  optionalAxis,
  optionalFlag,
  optionalNumber,
  optionalPads,
  optionalPair,
  size,
} from "./arguments.js";
import { leafOf } from "./leaf.js";
import { resampleArguments } from "./resample-arguments.js";
import type { Given } from "./sketch.js";
import {
  writePad,
  writeReduce,
  writeReshape,
  writeResize,
  writeSlice,
  writeSplit,
  writeTranspose,
} from "./stages-of-shape.js";
import { call, chain, stageOf, unwritable, type Written } from "./written.js";

type Writer<K extends OpName> = (node: NodeOf<K>) => Written;

function writeUnary(node: NodeOf<"unary">): Written {
  const { fn } = node.attrs;
  const { input } = node.operands;
  const merge = (callee: string, value: number): Written => ({
    kind: "merge",
    callee,
    given: [],
    operands: [input, value],
  });
  if (fn.kind === "neg") return merge("mul", -1);
  const isOpen = fn.kind === "clip" && fn.min === Number.NEGATIVE_INFINITY;
  if (isOpen && fn.max === Number.POSITIVE_INFINITY) return chain(input);
  if (fn.kind === "clip" && fn.max === Number.POSITIVE_INFINITY) return merge("max", fn.min);
  if (isOpen) return merge("min", fn.max);
  const { callee, given } = activation(fn);
  return call(node, input, callee, given);
}

function writeConv(node: NodeOf<"conv2d">): Written {
  const { input, weight, bias, extras } = node.operands;
  const { stride, dilation, pads, groups, epilogue } = node.attrs;
  if (epilogue.length > 0 || extras.length > 0) return unwritable("it is fused with what follows");
  const [out = 1, , height = 1, width = 1] = weight.type.shape;
  const channels = input.type.shape[1] ?? 1;
  const isDepthwise = groups === channels && groups > 1;
  const window = [
    size("kernel", [height, width]),
    ...optionalPair("stride", stride, 1),
    ...optionalPads(pads, halfOf([height, width], dilation)),
    ...optionalPair("dilation", dilation, 1),
  ];
  const biased = optionalFlag("bias", bias !== undefined, true);
  return isDepthwise
    ? call(
        node,
        input,
        "dwconv",
        [...window, ...optionalNumber("multiplier", out / channels, 1), ...biased],
        { weight, bias },
      )
    : call(
        node,
        input,
        "conv",
        [count("channels", out), ...window, ...optionalNumber("groups", groups, 1), ...biased],
        { weight, bias },
      );
}

function writeDeconv(node: NodeOf<"deconv2d">): Written {
  const { input, weight, bias, extras } = node.operands;
  const { stride, dilation, pads, groups, epilogue, outputPads } = node.attrs;
  if (epilogue.length > 0 || extras.length > 0) return unwritable("it is fused with what follows");
  const [, outputs = 1, height = 1, width = 1] = weight.type.shape;
  const given = [
    count("channels", outputs * groups),
    size("kernel", [height, width]),
    ...optionalPair("stride", stride, 1),
    ...optionalPads(pads, [0, 0]),
    ...optionalPair("output_pad", outputPads, 0),
    ...optionalPair("dilation", dilation, 1),
    ...optionalNumber("groups", groups, 1),
    ...optionalFlag("bias", bias !== undefined, true),
  ];
  return call(node, input, "deconv", given, { weight, bias });
}

function writePool(node: NodeOf<"maxPool"> | NodeOf<"avgPool">, callee: string): Written {
  const { kernel, stride, pads, dilation, ceil } = node.attrs;
  const isSame = stride[0] === kernel[0] && stride[1] === kernel[1];
  const window: Given[] = [
    kernel[0] === kernel[1] ? count("kernel", kernel[0]) : size("kernel", kernel),
    ...(isSame ? [] : optionalPair("stride", stride, Number.NaN)),
    ...optionalPads(pads, [0, 0]),
    ...optionalPair("dilation", dilation, 1),
    ...optionalFlag("ceil", ceil, false),
  ];
  const counted =
    node.op === "avgPool"
      ? optionalFlag("count_include_pad", node.attrs.countIncludePad, true)
      : [];
  return call(node, node.operands.input, callee, [...window, ...counted]);
}

/** A constant of one element as a number, where it spreads over a tensor of the rank. */
function scalarOf({ node }: Value, rank: number): number | undefined {
  if (node.op !== "constant" || node.attrs.data.length !== 1) return undefined;
  const [value = 0] = node.attrs.data;
  return Number.isFinite(value) && node.attrs.shape.length <= rank ? value : undefined;
}

/** Functions of two numbers that have another name in the language. */
const merges: Partial<Record<BinaryFunction, string>> = { lessOrEqual: "less_equal" };

function writeBinary(node: NodeOf<"binary">): Written {
  const { left, right } = node.operands;
  const { fn } = node.attrs;
  if (fn === "prelu") return writePrelu(node, left, right);
  const [a, b] = [scalarOf(left, right.type.shape.length), scalarOf(right, left.type.shape.length)];
  const operands = a === undefined || b === undefined ? [a ?? left, b ?? right] : [left, b];
  return { kind: "merge", callee: merges[fn] ?? fn, given: [], operands };
}

/** A slope for each channel or one for all where it is trained, else two tensors put together. */
function writePrelu(node: NodeOf<"binary">, input: Value, slope: Value): Written {
  const [, channels = 1] = input.type.shape;
  const rank = input.type.shape.length;
  const leaf = leafOf(slope);
  const { shape } = slope.type;
  const total = sizeOf(shape);
  const isShared = total === 1 && shape.length <= rank;
  const isPerChannel = total === channels && shape.at(1 - rank) === channels;
  if (!leaf || !(isShared || isPerChannel)) {
    return { kind: "merge", callee: "leak", given: [], operands: [input, slope] };
  }
  const given = optionalFlag("shared", isShared && channels > 1, false);
  return chain(
    input,
    stageOf(node, "prelu", given, [{ name: "weight", value: leaf, shape: [total] }]),
  );
}

function writeNorm(node: NodeOf<"groupNorm">): Written {
  const { input, gamma, beta } = node.operands;
  const { groups, epsilon } = node.attrs;
  const isOwn = groups === input.type.shape[1] && input.type.shape.length === 4;
  const eps = optionalNumber("eps", epsilon, 1e-5);
  const owned = { weight: gamma, bias: beta };
  return isOwn
    ? call(node, input, "instancenorm", eps, owned)
    : call(node, input, "groupnorm", [count("groups", groups), ...eps], owned);
}

const leaf = (): Written => unwritable("it is no stage");

/** How each operator is written; a new operator does not compile until it stands here. */
const writers: { readonly [K in OpName]: Writer<K> } = {
  input: leaf,
  parameter: leaf,
  constant: leaf,
  conv2d: writeConv,
  deconv2d: writeDeconv,
  linear(node) {
    const { input, weight, bias, extras } = node.operands;
    if (extras.length > 0 || node.attrs.epilogue.length > 0) {
      return unwritable("it is fused with what follows");
    }
    const given = [
      count("channels", weight.type.shape[0] ?? 1),
      ...optionalFlag("bias", bias !== undefined, true),
    ];
    return call(node, input, "linear", given, { weight, bias });
  },
  unary: writeUnary,
  binary: writeBinary,
  elementwise: () => unwritable("it is several operators in one"),
  // What arrives at the stages of a model is float already: the settings of an input of bytes say how.
  cast: ({ operands: { input } }) =>
    input.node.op === "input" ? chain(input) : unwritable("it reads bytes that are no input"),
  maxPool: (node) => writePool(node, "maxpool"),
  avgPool: (node) => writePool(node, "avgpool"),
  reduce: writeReduce,
  batchNorm(node) {
    const { input, gamma, beta, mean, variance } = node.operands;
    const owned = { weight: gamma, bias: beta, running_mean: mean, running_var: variance };
    return call(node, input, "bn", optionalNumber("eps", node.attrs.epsilon, 1e-5), owned);
  },
  groupNorm: writeNorm,
  lrn(node) {
    const { size: window, alpha, beta, bias } = node.attrs;
    const given = [
      count("size", window),
      ...optionalNumber("alpha", alpha, 1e-4),
      ...optionalNumber("beta", beta, 0.75),
      ...optionalNumber("k", bias, 1),
    ];
    return call(node, node.operands.input, "lrn", given);
  },
  softmax(node) {
    const { axis, log } = node.attrs;
    const along = optionalAxis("axis", axis, 1);
    return call(node, node.operands.input, log ? "log_softmax" : "softmax", along);
  },
  reshape: writeReshape,
  transpose: writeTranspose,
  concat({ attrs, operands }) {
    const given = optionalAxis("axis", attrs.axis, 1);
    return { kind: "merge", callee: "concat", given, operands: operands.inputs };
  },
  slice: writeSlice,
  split: writeSplit,
  pad: writePad,
  resize: writeResize,
  resample: (node) => call(node, node.operands.input, "resample", resampleArguments(node)),
  channelShuffle: (node) =>
    call(node, node.operands.input, "shuffle", [count("groups", node.attrs.groups)]),
  pixelShuffle: (node) =>
    call(node, node.operands.input, "pixel_shuffle", [count("r", node.attrs.factor)]),
  dropout: (node) =>
    call(node, node.operands.input, "dropout", [
      { parameter: "rate", value: numberOf(node.attrs.rate), byName: false },
    ]),
};

/** How a node is written in the language. */
export function writtenAs<K extends OpName>(node: NodeOf<K>): Written {
  return writers[node.op](node);
}
