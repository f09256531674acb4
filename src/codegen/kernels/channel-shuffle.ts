import { featureMap } from "../plan/layout.js";
import type { Algorithm } from "./algorithm.js";
import { copyKernel } from "./copy-kernel.js";
import { anyLayout } from "./nest-kernel.js";

/** Result channel `i · groups + g` is input channel `g · (c / groups) + i`. */
export const channelShuffleCopy: Algorithm<"channelShuffle"> = {
  ...anyLayout,
  op: "channelShuffle",
  build: (node, site) => {
    const { input } = node.operands;
    const { groups } = node.attrs;
    const from = featureMap(site.layoutOf(input));
    const to = featureMap(site.layoutOf(node.results[0]!));
    const width = from.channels / groups;
    const strides = (map: typeof from, part: number, group: number): number[] => [
      map.imageStride,
      part * map.channelStride,
      group * map.channelStride,
      map.rowStride,
      map.pixelStride,
    ];
    const nest = {
      extents: [from.images, width, groups, from.height, from.width],
      operands: [
        { offset: 0, strides: strides(to, groups, 1) },
        { offset: 0, strides: strides(from, 1, width) },
      ],
    };
    const name = `channel_shuffle_${input.type.shape.join("x")}_${groups}`;
    return copyKernel(name, `channel shuffle in ${groups} groups`, input, nest, site);
  },
};
