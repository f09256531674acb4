import type { FeatureMap } from "../plan/layout.js";
import { type Nest, simplify } from "./nest.js";

/** Images and channels of the result and of `inputs` pixels of the input. */
export function pixelNest(to: FeatureMap, from: FeatureMap, inputs: number): Nest {
  const operand = ({ imageStride, channelStride }: FeatureMap) => ({
    offset: 0,
    strides: [imageStride, channelStride],
  });
  return simplify({
    extents: [to.images, to.channels],
    operands: [operand(to), ...Array.from({ length: inputs }, () => operand(from))],
  });
}
