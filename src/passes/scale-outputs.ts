import { dataOf } from "../ir/constants.js";
import type { Value } from "../ir/graph.js";
import { sizeOf } from "../ir/types.js";
import { asFloat32, type ChannelAffine, newWeights } from "./channel-affine.js";
import { biasData, type ConvNode, outputChannels, withConvOperands } from "./conv-node.js";

/**
 * A convolution that also scales and shifts its output channels: `s · (conv(x, w) + b) + t` is
 * `conv(x, s·w) + s·b + t`. Undefined when its weights are only known at run time, when it ends in an
 * epilogue, or when a product is too large for float32.
 */
export function scaleOutputs(conv: ConvNode, { scale, shift }: ChannelAffine): Value | undefined {
  const [oldWeight, oldBias] = [dataOf(conv.operands.weight), biasData(conv)];
  if (!oldWeight || !oldBias || conv.attrs.epilogue.length > 0) return undefined;
  const channelOf = outputChannelOf(conv);
  const scaled = Float64Array.from(oldWeight, (w, at) => w * scale[channelOf(at)]!);
  const shifted = Float64Array.from(oldBias, (b, c) => b * scale[c]! + shift[c]!);
  const [weight, bias] = [asFloat32(scaled), asFloat32(shifted)];
  if (!weight || !bias) return undefined;
  return withConvOperands(conv, { ...conv.operands, ...newWeights(conv, weight, bias) });
}

/** Which output channel a weight, by its place in the data, belongs to. */
function outputChannelOf(node: ConvNode): (at: number) => number {
  const { shape } = node.operands.weight.type;
  const taps = sizeOf(shape.slice(2));
  if (node.op !== "deconv2d") return (at) => Math.floor(at / (taps * shape[1]!));
  const perGroup = outputChannels(node) / node.attrs.groups;
  const inputsPerGroup = shape[0]! / node.attrs.groups;
  return (at) => {
    const row = Math.floor(at / taps);
    const group = Math.floor(row / perGroup / inputsPerGroup);
    return group * perGroup + (row % perGroup);
  };
}
