import type { NodeOf } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import type { KernelTarget } from "../target.js";
import { blockCount, type Region, regionsOf } from "./channel-blocks.js";
import { isLongStep } from "./long-step.js";
import type { Work } from "./work.js";

type ConvNode = NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">;

/** Images, channels, rows and columns of a node's result. */
function resultOf(node: ConvNode): readonly [number, number, number, number] {
  const [images = 1, channels = 1, rows = 1, columns = 1] = node.results[0]!.type.shape;
  return [images, channels, rows, columns];
}

/** Channels that the tiles of some regions compute, those that are not stored included. */
const computedOf = (regions: readonly Region[]): number =>
  regions.reduce((sum, { count, width }) => sum + count * width, 0);

/** What the epilogue of a convolution adds: its extras are read, long formulas are computed. */
export function epilogueWork(node: ConvNode): Work {
  const size = sizeOf(node.results[0]!.type.shape);
  const long = node.attrs.epilogue.filter(isLongStep).length;
  return {
    elements: size * (1 + node.attrs.epilogue.length),
    ...(long > 0 ? { longFunctions: long * size } : {}),
  };
}

/** A convolution or product by register tiles, straight from its formula. */
export function directWork(node: NodeOf<"conv2d"> | NodeOf<"linear">, target: KernelTarget): Work {
  const [images, channels, rows, columns] = resultOf(node);
  const [, inputs = 1, kernelRows = 1, kernelColumns = 1] = node.operands.weight.type.shape;
  const groups = node.op === "linear" ? 1 : node.attrs.groups;
  const pixels = images * rows * columns;
  const regions = regionsOf(channels / groups, pixels, target);
  const tilePixels = Math.max(...regions.map((region) => region.pixels));
  const tiles = groups * blockCount(regions) * Math.ceil(pixels / tilePixels);
  const weights = sizeOf(node.operands.weight.type.shape);
  return {
    ...epilogueWork(node),
    tileMacs: groups * computedOf(regions) * pixels * inputs * kernelRows * kernelColumns,
    tileRuns: tiles * kernelRows * (groups === 1 ? 1 : kernelColumns),
    weightBytes: 4 * weights,
  };
}

/** A transposed convolution: every input pixel meets every tap. */
export function transposedWork(node: NodeOf<"deconv2d">, target: KernelTarget): Work {
  const [images = 1, , rows = 1, columns = 1] = node.operands.input.type.shape;
  const [inputs = 1, outputs = 1, kernelRows = 1, kernelColumns = 1] =
    node.operands.weight.type.shape;
  const pixels = images * rows * columns;
  const regions = regionsOf(outputs, pixels, target);
  const taps = kernelRows * kernelColumns;
  const tilePixels = Math.max(...regions.map((region) => region.pixels));
  const tiles = node.attrs.groups * blockCount(regions) * Math.ceil(pixels / tilePixels);
  return {
    ...epilogueWork(node),
    tileMacs: inputs * computedOf(regions) * pixels * taps,
    tileRuns: tiles * taps,
    weightBytes: 4 * sizeOf(node.operands.weight.type.shape),
  };
}

/** A depth-wise convolution: a vector of channels of a few pixels at a time. */
export function depthwiseWork(node: NodeOf<"conv2d">, target: KernelTarget): Work {
  const [images, channels, rows, columns] = resultOf(node);
  const [, , kernelRows = 1, kernelColumns = 1] = node.operands.weight.type.shape;
  const computed = Math.ceil(channels / target.lanes) * target.lanes;
  return {
    ...epilogueWork(node),
    depthwiseMacs: images * rows * columns * computed * kernelRows * kernelColumns,
    weightBytes: 4 * sizeOf(node.operands.weight.type.shape),
  };
}

/** `F(m×m, 3×3)`: transforms, and (m + 2)² products of matrices, tiles by channels. */
export function winogradWork(node: NodeOf<"conv2d">, target: KernelTarget, outputs: number): Work {
  const [images, channels, rows, columns] = resultOf(node);
  const [, inputs = 1] = node.operands.weight.type.shape;
  const regions = regionsOf(channels, images * rows * columns, target);
  const tiles = images * Math.ceil(rows / outputs) * Math.ceil(columns / outputs);
  const positions = (outputs + 2) ** 2;
  const tilePixels = Math.max(...regions.map((region) => region.pixels));
  return {
    ...epilogueWork(node),
    tileMacs: positions * tiles * inputs * computedOf(regions),
    tileRuns: positions * Math.ceil(tiles / tilePixels) * blockCount(regions),
    transforms: positions * tiles * (inputs + channels),
    weightBytes: 4 * positions * inputs * channels,
  };
}
