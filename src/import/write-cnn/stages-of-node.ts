import type { Node, NodeOf, Value } from "../../ir/graph.js";
import type { BinaryFunction } from "../../ir/ops/arithmetic.js";
import type { OpName } from "../../ir/ops/index.js";
import { sizeOf } from "../../ir/types.js";
import { activation } from "./activation.js";
import {
  count,
  halfOf,
  listOf,
  numberOf,
  optionalFlag,
  optionalNumber,
  optionalPads,
  optionalPair,
  size,
  word,
} from "./arguments.js";
import { resampleArguments } from "./resample-arguments.js";
import type { CallStage, Given, Owned } from "./sketch.js";

/** How a node is written: stages one after another, a merge of operands, or a list that `let` takes apart. */
export type Written =
  | { readonly kind: "stages"; readonly stages: readonly CallStage[]; readonly input: Value }
  | {
      readonly kind: "merge";
      readonly callee: string;
      readonly given: readonly Given[];
      readonly operands: readonly (Value | number)[];
    }
  | { readonly kind: "parts"; readonly stage: CallStage; readonly input: Value }
  /** Why the language has no words for it. */
  | { readonly kind: "unwritable"; readonly reason: string };

type Writer<K extends OpName> = (node: NodeOf<K>) => Written;

const isTensor = ({ node }: Value): boolean => node.op === "parameter" || node.op === "constant";

const unwritable = (reason: string): Written => ({ kind: "unwritable", reason });

/** One stage that owns the operands named, each of which must be known. */
function call(
  node: Node,
  input: Value,
  callee: string,
  given: readonly Given[],
  owned: Readonly<Record<string, Value | undefined>> = {},
): Written {
  const present = Object.entries(owned).flatMap(([name, value]): Owned[] =>
    value ? [{ name, value, shape: value.type.shape }] : [],
  );
  const unknown = present.find(({ value }) => !isTensor(value));
  if (unknown) return unwritable(`its ${unknown.name} is computed while the model runs`);
  const stage: CallStage = { kind: "call", callee, given, owned: present, name: node.name };
  return { kind: "stages", stages: [stage], input };
}

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
  if (fn.kind === "clip" && fn.max === Number.POSITIVE_INFINITY) return merge("max", fn.min);
  if (fn.kind === "clip" && fn.min === Number.NEGATIVE_INFINITY) return merge("min", fn.max);
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

/** A constant of one element as a number. */
function scalarOf({ node }: Value): number | undefined {
  if (node.op !== "constant" || node.attrs.data.length !== 1) return undefined;
  const [value = 0] = node.attrs.data;
  return Number.isFinite(value) ? value : undefined;
}

/** Functions of two numbers that have another name in the language. */
const merges: Partial<Record<BinaryFunction, string>> = { lessOrEqual: "less_equal" };

function writeBinary(node: NodeOf<"binary">): Written {
  const { left, right } = node.operands;
  const { fn } = node.attrs;
  if (fn === "prelu") return writePrelu(node, left, right);
  const operands = [left, right].map((value) => scalarOf(value) ?? value);
  if (operands.every((operand) => typeof operand === "number")) {
    return unwritable("both of its operands are numbers");
  }
  return { kind: "merge", callee: merges[fn] ?? fn, given: [], operands };
}

function writePrelu(node: NodeOf<"binary">, input: Value, slope: Value): Written {
  const from = slope.node.op === "reshape" ? slope.node.operands.input : slope;
  const channels = input.type.shape[1] ?? 1;
  const total = sizeOf(from.type.shape);
  const isShared = total === 1;
  if (!isShared && total !== channels) return unwritable("its slopes are not one a channel");
  if (!isTensor(from)) return unwritable("its slopes are computed while the model runs");
  const given = optionalFlag("shared", isShared && channels > 1, false);
  const owned = [{ name: "weight", value: from, shape: [total] }];
  const stage: CallStage = { kind: "call", callee: "prelu", given, owned, name: node.name };
  return { kind: "stages", stages: [stage], input };
}

function writeReduce(node: NodeOf<"reduce">): Written {
  const { fn, axes, keepDims } = node.attrs;
  const { input } = node.operands;
  const isGlobal = input.type.shape.length === 4 && String(axes) === "2,3";
  if (isGlobal && (fn === "mean" || fn === "max")) {
    const keeps = optionalFlag("keepdims", keepDims, true);
    return call(node, input, fn === "mean" ? "gap" : "gmp", keeps);
  }
  if (fn !== "mean") return unwritable(`the language has no ${fn} over axes`);
  if (axes.includes(0)) return unwritable("it reduces the batch");
  const given: Given[] = axes.map((axis) => count("axes", axis - 1));
  return call(node, input, "mean", [...given, ...optionalFlag("keepdims", keepDims, false)]);
}

function writeReshape(node: NodeOf<"reshape">): Written {
  const { input } = node.operands;
  const from = input.type.shape;
  const to = node.results[0]!.type.shape;
  if (from[0] !== to[0]) return unwritable(`it changes the batch: [${from}] to [${to}]`);
  if (to.length === 2) return call(node, input, "flatten", []);
  if (to.length < 2) return unwritable("nothing is left behind the batch");
  const given = to.slice(1).map((n) => count("length", n));
  return call(node, input, "reshape", given);
}

function writeSlice(node: NodeOf<"slice">): Written {
  const { input } = node.operands;
  const { starts, sizes, steps } = node.attrs;
  const { shape } = input.type;
  const stages: CallStage[] = [];
  for (const [axis, start] of starts.entries()) {
    const [length, step, extent] = [sizes[axis]!, steps[axis]!, shape[axis]!];
    if (start === 0 && length === extent && step === 1) continue;
    if (axis === 0) return unwritable("it takes a part of the batch");
    if (step < 0) return unwritable("it reads backwards");
    const end = start + (length - 1) * step + 1;
    const given = [
      count("axis", axis - 1),
      count("from", start),
      count("to", end),
      ...optionalNumber("step", step, 1),
    ];
    stages.push({ kind: "call", callee: "slice", given, owned: [], name: node.name });
  }
  return { kind: "stages", stages, input };
}

function writeSplit(node: NodeOf<"split">): Written {
  const { axis, sizes } = node.attrs;
  if (axis === 0) return unwritable("it splits the batch");
  const isEven = sizes.every((n) => n === sizes[0]);
  const parts: Given = isEven
    ? count("parts", sizes.length)
    : { parameter: "parts", value: listOf(sizes), byName: false };
  const given = [parts, ...optionalNumber("axis", axis - 1, 0)];
  const stage: CallStage = { kind: "call", callee: "split", given, owned: [], name: node.name };
  return { kind: "parts", stage, input: node.operands.input };
}

function writePad(node: NodeOf<"pad">): Written {
  const { before, after, mode, value } = node.attrs;
  const { input } = node.operands;
  if (before.length !== 4) return unwritable("it pads what is no image");
  if (before[0] !== 0 || after[0] !== 0) return unwritable("it pads the batch");
  if ([...before, ...after].every((n) => n === 0)) return { kind: "stages", stages: [], input };
  const given = [
    count("top", before[2]!),
    count("left", before[3]!),
    count("bottom", after[2]!),
    count("right", after[3]!),
    ...optionalNumber("front", before[1]!, 0),
    ...optionalNumber("back", after[1]!, 0),
  ];
  if (mode !== "constant") return call(node, input, "pad", [...given, word("mode", mode)]);
  if (value === 0) return call(node, input, "pad", given);
  const filled = [...given, word("mode", "constant"), ...optionalNumber("value", value, 0)];
  return call(node, input, "pad", filled);
}

function writeResize(node: NodeOf<"resize">): Written {
  const { input } = node.operands;
  const { mode, size: target } = node.attrs;
  const [, , height = 1, width = 1] = input.type.shape;
  const [up, across] = [target[0] / height, target[1] / width];
  const isFactor = up === across && Number.isInteger(up);
  const to: Given = isFactor
    ? count("scale", up)
    : { parameter: "size", value: listOf(target), byName: true };
  const modes = mode === "nearest" ? [] : [word("mode", mode)];
  return call(node, input, "upsample", [to, ...modes]);
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
  cast: () => unwritable("it reads bytes"),
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
    if (axis === 0) return unwritable("it runs along the batch");
    const along = optionalNumber("axis", axis - 1, 0);
    return call(node, node.operands.input, log ? "log_softmax" : "softmax", along);
  },
  reshape: writeReshape,
  transpose(node) {
    const { permutation } = node.attrs;
    if (permutation[0] !== 0) return unwritable("it moves the batch");
    const given = permutation.slice(1).map((axis) => count("axes", axis - 1));
    return call(node, node.operands.input, "transpose", given);
  },
  concat(node) {
    const { axis } = node.attrs;
    if (axis === 0) return unwritable("it puts batches together");
    const given = optionalNumber("axis", axis - 1, 0);
    return { kind: "merge", callee: "concat", given, operands: node.operands.inputs };
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
