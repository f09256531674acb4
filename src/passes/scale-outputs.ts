import { dataOf } from "../ir/constants.js";
import type { Value } from "../ir/graph.js";
import { sizeOf } from "../ir/types.js";
import { asFloat32, type ChannelAffine, newWeights, scaleRows } from "./channel-affine.js";
import { biasData, type ConvNode, outputChannels, withConvOperands } from "./conv-node.js";

/**
 * A convolution that also scales and shifts its output channels: `s · (conv(x, w) + b) + t` is
 * `conv(x, s·w) + s·b + t`. Undefined when its weights are only known at run time, when it ends in an
 * epilogue, or when a product is too large for float32.
 */
export function scaleOutputs(conv: ConvNode, { scale, shift }: ChannelAffine): Value | undefined {
  const [oldWeight, oldBias] = [dataOf(conv.operands.weight), biasData(conv)];
  if (!oldWeight || !oldBias || conv.attrs.epilogue.length > 0) return undefined;
  const { length, channelOf } = weightRows(conv);
  const weight = scaleRows(oldWeight, length, (row) => scale[channelOf(row)]!);
  const bias = asFloat32(Float64Array.from(oldBias, (b, c) => b * scale[c]! + shift[c]!));
  if (!weight || !bias) return undefined;
  return withConvOperands(conv, { ...conv.operands, ...newWeights(conv, weight, bias) });
}

/** A weight as rows that each belong to one output channel: their length, and whose they are. */
function weightRows(node: ConvNode): {
  readonly length: number;
  readonly channelOf: (row: number) => number;
} {
  const { shape } = node.operands.weight.type;
  const taps = sizeOf(shape.slice(2));
  if (node.op !== "deconv2d") return { length: taps * shape[1]!, channelOf: (row) => row };
  const perGroup = outputChannels(node) / node.attrs.groups;
  const inputsPerGroup = shape[0]! / node.attrs.groups;
  const channelOf = (row: number): number => {
    const group = Math.floor(row / perGroup / inputsPerGroup);
    return group * perGroup + (row % perGroup);
  };
  return { length: taps, channelOf };
}
