import type { NodeOf } from "../../ir/graph.js";
import { featureMap } from "../plan/layout.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { packConv, regionsOf, type WeightSizes } from "./channel-blocks.js";
import {
  constantWeights,
  convKernel,
  epilogueWords,
  extraSteps,
  isResidual,
  refuseWeights,
} from "./conv-kernel.js";
import { directWork } from "./conv-work.js";

function buildLinear(node: NodeOf<"linear">, site: Site): Kernel {
  const input = featureMap(site.layoutOf(node.operands.input));
  const output = featureMap(site.layoutOf(node.results[0]!));
  const [inputs, outputs] = [input.channels, output.channels];
  const sizes: WeightSizes = { groups: 1, outputs, inputs, rows: 1, columns: 1 };
  const extras = extraSteps(node, site);
  const regions = regionsOf(outputs, output.images, site.target);
  const { weight, bias } = constantWeights(node.operands)!;
  const view = { data: weight, offset: 0, group: 0, output: inputs, input: 1, row: 0, column: 0 };
  const alongImages = (image: number) => ({ image: 0, row: 0, column: image });
  const maps = [input.imageStride, output.imageStride, ...extras.map(({ image }) => image)];
  return convKernel(node, site, {
    name: `linear_${inputs}_${outputs}${output.images > 1 ? `_x${output.images}` : ""}`,
    comment: `linear ${inputs} to ${outputs}${epilogueWords(node.attrs.epilogue)}`,
    packed: packConv(view, bias, sizes, regions),
    passes: [
      {
        space: { images: 1, rows: 1, columns: output.images, maps: maps.map(alongImages) },
        regions,
        sizes,
        inputOffset: 0,
        tapRow: 0,
        tapColumn: inputs,
        weightOffset: 0,
        outputOffset: 0,
        extras: extras.map(({ channel }) => ({ offset: 0, channel })),
        epilogue: node.attrs.epilogue,
        repeats: [],
        range: "channels",
      },
    ],
  });
}

/** A matrix product as a point-wise convolution whose pixels are the images: each weight is read once. */
export const linearProduct: Algorithm<"linear"> = {
  name: "direct",
  op: "linear",
  refuse: refuseWeights,
  work: directWork,
  needs: () => ({ order: "nhwc" }),
  result: () => "nhwc",
  overwrites: isResidual,
  build: buildLinear,
};
