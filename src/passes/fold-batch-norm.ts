import { defineRule } from "../ir/rewrite.js";
import { affineOf } from "./channel-affine.js";
import { isConvNode } from "./conv-node.js";
import { rulePass } from "./pass.js";
import { scaleOutputs } from "./scale-outputs.js";

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
      return affine && scaleOutputs(conv, affine);
    },
  }),
);
