import { dataOf } from "../ir/constants.js";
import type { NodeOf } from "../ir/graph.js";
import { defineRule } from "../ir/rewrite.js";
import { sizeOf } from "../ir/types.js";
import { affineOf, asFloat32, newWeights, scaleRows } from "./channel-affine.js";
import { biasData, withConvOperands } from "./conv-node.js";
import { rulePass } from "./pass.js";

/**
 * Folds a batch norm into the convolution or matrix product that reads it:
 *
 *   conv(s·x + t, w) + b  =  conv(x, s·w) + b + Σ w·t
 *
 * Left alone when something else reads the batch norm, when a parameter is only known at run time, and
 * when the convolution pads a batch norm that shifts: its zeros stand behind the shift, so the border
 * would differ.
 */
export const foldBatchNormForward = rulePass(
  "fold a batch norm into the convolution after it, where borders allow",
  defineRule({
    name: "fold-batch-norm-forward",
    op: ["conv2d", "linear"],
    exactness: "rounding",
    apply(conv, uses) {
      const norm = conv.operands.input.node;
      if (norm.op !== "batchNorm" || uses(conv.operands.input) > 1) return undefined;
      const affine = affineOf(norm);
      const [oldWeight, oldBias] = [dataOf(conv.operands.weight), biasData(conv)];
      if (!affine || !oldWeight || !oldBias) return undefined;
      const { scale, shift } = affine;
      if (pads(conv) && shift.some((t) => t !== 0)) return undefined;

      const channelOf = inputChannelOf(conv);
      const taps = sizeOf(conv.operands.weight.type.shape.slice(2));
      const perOutput = oldWeight.length / oldBias.length;
      const shifted = Float64Array.from(oldBias);
      for (let at = 0; at < oldWeight.length; at++) {
        const channel = channelOf(Math.floor(at / taps));
        shifted[Math.floor(at / perOutput)]! += oldWeight[at]! * shift[channel]!;
      }
      const weight = scaleRows(oldWeight, taps, (row) => scale[channelOf(row)]!);
      const bias = asFloat32(shifted);
      if (!weight || !bias) return undefined;
      const { input } = norm.operands;
      return withConvOperands(conv, { ...conv.operands, input, ...newWeights(conv, weight, bias) });
    },
  }),
);

type Reader = NodeOf<"conv2d"> | NodeOf<"linear">;

const pads = (node: Reader): boolean =>
  node.op === "conv2d" && node.attrs.pads.some((amount) => amount > 0);

/** Which input channel each row of a weight, a kernel's taps, is multiplied with. */
function inputChannelOf(node: Reader): (row: number) => number {
  const { shape } = node.operands.weight.type;
  const inputsPerGroup = shape[1]!;
  const groups = node.op === "conv2d" ? node.attrs.groups : 1;
  const outputsPerGroup = shape[0]! / groups;
  return (row) => {
    const group = Math.floor(row / inputsPerGroup / outputsPerGroup);
    return group * inputsPerGroup + (row % inputsPerGroup);
  };
}
