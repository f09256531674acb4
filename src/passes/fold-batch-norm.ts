import { dataOf } from "../ir/constants.js";
import { defineRule } from "../ir/rewrite.js";
import { sizeOf } from "../ir/types.js";
import { affineOf, asFloat32, newWeights } from "./channel-affine.js";
import {
  biasData,
  type ConvNode,
  isConvNode,
  outputChannels,
  withConvOperands,
} from "./conv-node.js";
import { rulePass } from "./pass.js";

/**
 * Folds a batch norm into the convolution, deconvolution or matrix product that feeds it:
 *
 *   γ · (conv(x, w) + b − μ) / √(σ² + ε) + β  =  conv(x, s·w) + s·(b − μ) + β,   s = γ / √(σ² + ε)
 *
 * Left alone when the convolution has another reader, which still needs the unscaled value, when any
 * parameter is only known at run time, or when a product is too large for float32.
 */
export const foldBatchNorm = rulePass(
  "fold a batch norm into the convolution before it",
  defineRule({
    name: "fold-batch-norm",
    op: "batchNorm",
    exactness: "rounding",
    apply(norm, uses) {
      const conv = norm.operands.input.node;
      if (!isConvNode(conv) || uses(norm.operands.input) > 1) return undefined;
      const affine = affineOf(norm);
      const [oldWeight, oldBias] = [dataOf(conv.operands.weight), biasData(conv)];
      if (!affine || !oldWeight || !oldBias || conv.attrs.epilogue.length > 0) return undefined;

      const { scale, shift } = affine;
      const channelOf = outputChannelOf(conv);
      const scaled = Float64Array.from(oldWeight, (w, at) => w * scale[channelOf(at)]!);
      const shifted = Float64Array.from(oldBias, (b, c) => b * scale[c]! + shift[c]!);
      const [weight, bias] = [asFloat32(scaled), asFloat32(shifted)];
      if (!weight || !bias) return undefined;
      return withConvOperands(conv, { ...conv.operands, ...newWeights(conv, weight, bias) });
    },
  }),
);

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
