import { InternalError } from "../../diagnostics/report.js";
import type { Node, NodeOf } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import { writeConv, writeDeconv, writeLinear } from "./convolution.js";
import { withSteps, writeBinary, writeUnary } from "./elementwise.js";
import { type Argument, at, by, callOf, construct, type Form, type Refusal } from "./form.js";
import { writeAvgPool, writeMaxPool, writeReduce } from "./pool.js";
import { listOf, numberOf, operandOf, tupleOf } from "./python.js";
import { writeResample, writeResize } from "./resample.js";
import { writePad, writeReshape, writeSlice, writeSplit } from "./shape.js";

type Simple = NodeOf<"lrn"> | NodeOf<"softmax"> | NodeOf<"channelShuffle"> | NodeOf<"pixelShuffle">;

/** A function and a module of the same arguments. */
function paired(node: Simple, callee: string, module: string, ...given: readonly Argument[]): Form {
  const { input } = node.operands;
  return {
    module: { construct: construct(module, ...given), input },
    call: (read) => callOf(callee, [read(input)], given),
  };
}

function leaf({ op }: Node): never {
  throw new InternalError(`${op} is no step of a forward pass`);
}

function writeBatchNorm(node: NodeOf<"batchNorm">): Form {
  const { input, gamma, beta, mean, variance } = node.operands;
  const eps = by("eps", numberOf(node.attrs.epsilon), "0.00001");
  const name = input.type.shape.length === 2 ? "nn.BatchNorm1d" : "nn.BatchNorm2d";
  const channels = at("num_features", numberOf(input.type.shape[1]!));
  return {
    module: { construct: construct(name, channels, eps), input },
    owned: { weight: gamma, bias: beta, running_mean: mean, running_var: variance },
    call: (read) => callOf("F.batch_norm", [input, mean, variance, gamma, beta].map(read), [eps]),
  };
}

function writeGroupNorm(node: NodeOf<"groupNorm">): Form {
  const { input, gamma, beta } = node.operands;
  const eps = by("eps", numberOf(node.attrs.epsilon), "0.00001");
  const groups = at("num_groups", numberOf(node.attrs.groups));
  const channels = at("num_channels", numberOf(input.type.shape[1]!));
  const weight = (read: Parameters<Form["call"]>[0]) => [
    by("weight", read(gamma)),
    by("bias", read(beta)),
    eps,
  ];
  return {
    module: { construct: construct("nn.GroupNorm", groups, channels, eps), input },
    owned: { weight: gamma, bias: beta },
    call: (read) => callOf("F.group_norm", [read(input), groups.text], weight(read)),
  };
}

function writeDropout({ operands: { input }, attrs }: NodeOf<"dropout">): Form {
  const rate = numberOf(attrs.rate);
  return {
    module: { construct: construct("nn.Dropout", at("p", rate)), input },
    call: (read) => `F.dropout(${read(input)}, ${rate}, self.training)`,
  };
}

/** How each operator is written; a new operator does not compile until it stands here. */
const writers: { readonly [K in OpName]: (node: NodeOf<K>) => Form | Refusal } = {
  input: leaf,
  parameter: leaf,
  constant: leaf,
  conv2d: writeConv,
  deconv2d: writeDeconv,
  linear: writeLinear,
  unary: writeUnary,
  binary: writeBinary,
  elementwise: ({ operands: { input, extras }, attrs }) => ({
    call: (read) => withSteps(read(input), attrs.steps, extras, read),
    repeats: true,
  }),
  cast: ({ operands: { input } }) => ({ call: (read) => `${operandOf(read(input))}.float()` }),
  maxPool: writeMaxPool,
  avgPool: writeAvgPool,
  reduce: writeReduce,
  batchNorm: writeBatchNorm,
  groupNorm: writeGroupNorm,
  lrn(node) {
    const { size, alpha, beta, bias } = node.attrs;
    const given = [
      at("size", numberOf(size)),
      by("alpha", numberOf(alpha), "0.0001"),
      by("beta", numberOf(beta), "0.75"),
      by("k", numberOf(bias), "1"),
    ];
    return paired(node, "F.local_response_norm", "nn.LocalResponseNorm", ...given);
  },
  softmax(node) {
    const { axis, log } = node.attrs;
    const [callee, module] = log ? ["F.log_softmax", "LogSoftmax"] : ["F.softmax", "Softmax"];
    return paired(node, callee, `nn.${module}`, by("dim", numberOf(axis)));
  },
  reshape: writeReshape,
  transpose: ({ operands: { input }, attrs }) => ({
    call: (read) => `${operandOf(read(input))}.permute(${tupleOf(attrs.permutation)})`,
  }),
  concat: ({ operands: { inputs }, attrs }) => ({
    call: (read) => `torch.cat([${inputs.map(read).join(", ")}], ${attrs.axis})`,
  }),
  slice: writeSlice,
  split: writeSplit,
  pad: writePad,
  resize: writeResize,
  resample: writeResample,
  channelShuffle: (node) =>
    paired(
      node,
      "F.channel_shuffle",
      "nn.ChannelShuffle",
      at("groups", numberOf(node.attrs.groups)),
    ),
  pixelShuffle: (node) =>
    paired(node, "F.pixel_shuffle", "nn.PixelShuffle", at("factor", numberOf(node.attrs.factor))),
  dropout: writeDropout,
};

/** How a node is written in PyTorch. */
export function writtenAs<K extends OpName>(node: NodeOf<K>): Form | Refusal {
  return writers[node.op](node);
}

/** The text of a tensor of known numbers. */
export function tensorOf(shape: readonly number[], data: Float32Array): string {
  const flat = `torch.tensor(${listOf([...data])}, dtype=torch.float32)`;
  return shape.length === 1
    ? flat
    : `${flat}.reshape(${shape.length === 0 ? "()" : tupleOf(shape)})`;
}
