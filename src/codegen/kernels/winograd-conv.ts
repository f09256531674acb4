import type { NodeOf } from "../../ir/graph.js";
import { featureMap, type Halo } from "../plan/layout.js";
import type { Algorithm, OperandNeed, Site } from "./algorithm.js";
import { regionsOf } from "./channel-blocks.js";
import { extraSteps, isResidual, refuseWeights } from "./conv-kernel.js";
import { winogradWork } from "./conv-work.js";
import { buildWinograd } from "./winograd-kernels.js";
import type { TileShape } from "./winograd-loops.js";
import { fourOutputs, twoOutputs, type WinogradForm } from "./winograd-transforms.js";

/** Rows and columns beyond the input's edges that whole tiles reach. */
function tileHalo(node: NodeOf<"conv2d">, { outputs }: WinogradForm): Halo {
  const [, , height = 1, width = 1] = node.operands.input.type.shape;
  const [, , rows = 1, columns = 1] = node.results[0]!.type.shape;
  const [top, left] = node.attrs.pads;
  const reach = (count: number, pad: number): number =>
    Math.ceil(count / outputs) * outputs + 2 - pad;
  return {
    top,
    left,
    bottom: Math.max(0, reach(rows, top) - height),
    right: Math.max(0, reach(columns, left) - width),
  };
}

function shapeOf(node: NodeOf<"conv2d">, site: Site, form: WinogradForm): TileShape {
  const input = featureMap(site.layoutOf(node.operands.input));
  const output = featureMap(site.layoutOf(node.results[0]!));
  const { images, height, width, channels } = output;
  const regions = regionsOf(channels, images * height * width, site.target);
  const stepsOf = (map: typeof input) => ({
    image: map.imageStride,
    row: map.rowStride,
    column: map.pixelStride,
  });
  return {
    form,
    weights: { form, regions, inputs: input.channels },
    images,
    height,
    width,
    input: stepsOf(input),
    output: stepsOf(output),
    extras: extraSteps(node, site),
    epilogue: node.attrs.epilogue,
  };
}

/** Why a convolution is no sum over 3×3 neighbours of all channels. */
function refuseWindow({ attrs, operands }: NodeOf<"conv2d">): string | undefined {
  const [, , rows, columns] = operands.weight.type.shape;
  if (rows !== 3 || columns !== 3) return `its kernel is ${rows}x${columns}`;
  if (Math.max(...attrs.stride) > 1) return "it has a stride";
  if (Math.max(...attrs.dilation) > 1) return "it is dilated";
  return attrs.groups > 1 ? "it has groups" : undefined;
}

/** Why it would not be faster than the direct kernel. */
function refuseSize(node: NodeOf<"conv2d">, form: WinogradForm): string | undefined {
  const [, inputs = 1] = node.operands.input.type.shape;
  const [images = 1, outputs = 1, rows = 1, columns = 1] = node.results[0]!.type.shape;
  if (Math.min(inputs, outputs) < 16) return "it has few channels";
  const tiles = images * Math.ceil(rows / form.outputs) * Math.ceil(columns / form.outputs);
  return tiles < 4 ? "its map has few tiles" : undefined;
}

/**
 * A 3×3 convolution by Winograd's minimal filtering: tiles of `m × m` outputs from `(m + 2)²` products a channel
 * instead of `9 m²` (Lavin and Gray, "Fast algorithms for convolutional neural networks"): inputs are transformed,
 * multiplied position by position as matrices with weights transformed at load, and the sums transformed back.
 */
export const winogradConv = (form: WinogradForm, blockTiles?: number): Algorithm<"conv2d"> => ({
  name: form.name,
  op: "conv2d",
  roundsMore: true,
  refuse: (node) => refuseWeights(node) ?? refuseWindow(node) ?? refuseSize(node, form),
  work: (node, target) => winogradWork(node, target, form.outputs),
  error: ({ operands }) => form.error * Math.sqrt(operands.input.type.shape[1]!),
  needs: (node, operand): OperandNeed =>
    operand === node.operands.input
      ? { order: "nhwc", halo: tileHalo(node, form) }
      : { order: "nhwc" },
  result: () => "nhwc",
  overwrites: isResidual,
  build: (node, site) => buildWinograd(node, site, shapeOf(node, site, form), blockTiles),
});

/** 4×4 outputs a tile: a quarter of the multiplications of the direct sum. */
export const winogradFour = winogradConv(fourOutputs);

/** 2×2 outputs a tile: four ninths of the multiplications, and smaller weights and errors. */
export const winogradTwo = winogradConv(twoOutputs);
