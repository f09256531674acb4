import { defineRule } from "../ir/rewrite.js";
import { constantAffines } from "./constant-affine.js";
import { isConvNode } from "./conv-node.js";
import { rulePass } from "./pass.js";
import { scaleOutputs } from "./scale-outputs.js";

/**
 * Folds a sum, difference, product or quotient with a constant, one number or one a channel, into the
 * convolution or matrix product that feeds it:
 *
 *   k · (conv(x, w) + b)  =  conv(x, k·w) + k·b,     conv(x, w) + b + k  =  conv(x, w) + (b + k)
 *
 * Left alone when the convolution has another reader, when the constant differs within a channel or
 * lets the result grow, or when a product is too large for float32.
 */
export const foldScales = rulePass(
  "fold sums and products with constants into the convolution before them",
  defineRule({
    name: "fold-scales",
    op: "binary",
    exactness: "rounding",
    apply(node, uses) {
      for (const { running, affine } of constantAffines(node)) {
        const conv = running.node;
        if (isConvNode(conv) && uses(running) === 1) return scaleOutputs(conv, affine);
      }
      return undefined;
    },
  }),
);
