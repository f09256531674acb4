import { featureMap } from "../plan/layout.js";
import type { Algorithm } from "./algorithm.js";
import { copyKernel } from "./copy-kernel.js";
import { anyLayout } from "./nest-kernel.js";

/** Result `[c, y · r + i, x · r + j]` is input `[(c · r + i) · r + j, y, x]`. */
export const pixelShuffleCopy: Algorithm<"pixelShuffle"> = {
  ...anyLayout,
  op: "pixelShuffle",
  build: (node, site) => {
    const { input } = node.operands;
    const r = node.attrs.factor;
    const from = featureMap(site.layoutOf(input));
    const to = featureMap(site.layoutOf(node.results[0]!));
    const c = from.channelStride;
    const nest = {
      extents: [from.images, to.channels, from.height, r, from.width, r],
      operands: [
        {
          offset: 0,
          strides: [
            to.imageStride,
            to.channelStride,
            r * to.rowStride,
            to.rowStride,
            r * to.pixelStride,
            to.pixelStride,
          ],
        },
        {
          offset: 0,
          strides: [from.imageStride, r * r * c, from.rowStride, r * c, from.pixelStride, c],
        },
      ],
    };
    const name = `pixel_shuffle_${input.type.shape.join("x")}_${r}`;
    return copyKernel(name, `pixel shuffle by ${r}`, input, nest, site);
  },
};
