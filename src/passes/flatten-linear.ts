import { build } from "../ir/build.js";
import { dataOf, withData } from "../ir/constants.js";
import { defineRule } from "../ir/rewrite.js";
import { rulePass } from "./pass.js";

/**
 * Turns a product with a flattened image into a convolution whose kernel is as large as the image:
 *
 *   linear(reshape(x : [n,c,h,w]))  =  reshape(conv2d(x, w : [out,c,h,w]) : [n,out,1,1])
 *
 * Targets store images channels last, so flattening would cost a copy; the convolution reads them where
 * they lie. Left alone when the image is one pixel (flattening it is free), when the reshape does more
 * than flatten, and when the weight is only known at run time.
 */
export const flattenLinear = rulePass(
  "turn a product with a flattened image into a convolution",
  defineRule({
    name: "flatten-linear",
    op: "linear",
    exactness: "rounding",
    apply(linear) {
      const { input, weight, bias, extras } = linear.operands;
      const data = dataOf(weight);
      if (input.node.op !== "reshape" || !data || extras.length > 0) return undefined;
      const image = input.node.operands.input;
      const [n = 0, c = 0, h = 0, w = 0] = image.type.shape;
      const flattens = image.type.shape.length === 4 && n === input.type.shape[0];
      if (!flattens || h * w === 1) return undefined;

      const kernel = withData(weight, data, [weight.type.shape[0]!, c, h, w]);
      const window = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
      const { epilogue } = linear.attrs;
      const operands = { input: image, weight: kernel, bias, extras };
      const pixel = build("conv2d", operands, { ...window, epilogue }, linear);
      return build("reshape", { input: pixel }, { shape: linear.results[0]!.type.shape });
    },
  }),
);
