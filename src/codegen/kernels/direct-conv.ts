import type { NodeOf } from "../../ir/graph.js";
import type { Conv2dAttributes } from "../../ir/ops/conv.js";
import { type FeatureMap, featureMap, type Halo } from "../plan/layout.js";
import type { Algorithm, Kernel, OperandNeed, Site } from "./algorithm.js";
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
import { flatten, type Space } from "./space.js";

/** Rows and columns beyond the input's edges that the taps of a convolution reach. */
function convHalo(node: NodeOf<"conv2d">): Halo {
  const [, , height = 1, width = 1] = node.operands.input.type.shape;
  const [, , rows = 1, columns = 1] = node.results[0]!.type.shape;
  const [, , kernelRows = 1, kernelColumns = 1] = node.operands.weight.type.shape;
  const { stride, dilation, pads } = node.attrs;
  const reach = (outputs: number, axis: 0 | 1, kernel: number): number =>
    (outputs - 1) * stride[axis] + (kernel - 1) * dilation[axis] + 1 - pads[axis];
  return {
    top: pads[0],
    left: pads[1],
    bottom: Math.max(0, reach(rows, 0, kernelRows) - height),
    right: Math.max(0, reach(columns, 1, kernelColumns) - width),
  };
}

/** `3x3s2d2g32`: kernel, then stride, dilation and groups where they are not 1. */
export function windowWords(kernel: readonly number[], attrs: Conv2dAttributes): string {
  const pair = (letter: string, [a, b]: readonly [number, number]): string =>
    a === b ? (a === 1 ? "" : `${letter}${a}`) : `${letter}${a}x${b}`;
  const groups = attrs.groups === 1 ? "" : `g${attrs.groups}`;
  return `${kernel.join("x")}${pair("s", attrs.stride)}${pair("d", attrs.dilation)}${groups}`;
}

/** What the input, or an extra, of a convolution must be. */
export function convNeeds(node: NodeOf<"conv2d">, isInput: boolean): OperandNeed {
  return isInput ? { order: "nhwc", halo: convHalo(node) } : { order: "nhwc" };
}

/** The output's pixels, and where input, output and extras lie at each. */
function spaceOf(
  { stride }: Conv2dAttributes,
  input: FeatureMap,
  output: FeatureMap,
  extras: Space["maps"],
): Space {
  const read = {
    image: input.imageStride,
    row: stride[0] * input.rowStride,
    column: stride[1] * input.pixelStride,
  };
  const written = { image: output.imageStride, row: output.rowStride, column: output.pixelStride };
  const { images, height, width } = output;
  return flatten({ images, rows: height, columns: width, maps: [read, written, ...extras] }, 4);
}

/** Weights as `[group, output, input, row, column]`. */
const viewOf = (data: Float32Array, { outputs, inputs, rows, columns }: WeightSizes) => ({
  data,
  offset: 0,
  group: outputs * inputs * rows * columns,
  output: inputs * rows * columns,
  input: rows * columns,
  row: columns,
  column: 1,
});

function buildDirectConv(node: NodeOf<"conv2d">, site: Site): Kernel {
  const { dilation, pads, groups, epilogue } = node.attrs;
  const input = featureMap(site.layoutOf(node.operands.input));
  const output = featureMap(site.layoutOf(node.results[0]!));
  const [, inputs = 1, rows = 1, columns = 1] = node.operands.weight.type.shape;
  const sizes: WeightSizes = { groups, outputs: output.channels / groups, inputs, rows, columns };
  const extras = extraSteps(node, site);
  const pixels = output.images * output.height * output.width;
  const regions = regionsOf(sizes.outputs, pixels, site.target);
  const space = spaceOf(node.attrs, input, output, extras);
  const { weight, bias } = constantWeights(node.operands)!;
  const inputFloats = input.images * input.height * input.width * input.channels;
  const heavy = groups === 1 && (weight.length > inputFloats || space.rows === 1);
  const outer = `${input.channels}x${input.height}x${input.width}`;
  const words = windowWords([rows, columns], node.attrs);
  const to = `${output.channels}x${output.height}x${output.width}`;
  return convKernel(node, site, {
    name: `conv${words}_${outer}_${output.channels}`,
    comment: `conv ${words}, ${outer} to ${to}${epilogueWords(epilogue)}`,
    packed: packConv(viewOf(weight, sizes), bias, sizes, regions),
    passes: [
      {
        space,
        regions,
        sizes,
        inputOffset: -pads[0] * input.rowStride - pads[1] * input.pixelStride,
        tapRow: dilation[0] * input.rowStride,
        tapColumn: dilation[1] * input.pixelStride,
        weightOffset: 0,
        outputOffset: 0,
        extras: extras.map(({ channel }) => ({ offset: 0, channel })),
        epilogue,
        repeats: [],
        range: heavy ? "channels" : "rows",
      },
    ],
  });
}

/**
 * Any convolution, straight from its formula: a register tile of outputs at a time, each sum over a
 * run of input channels that lie behind each other, borders read from the input's halo.
 */
export const directConv: Algorithm<"conv2d"> = {
  name: "direct",
  op: "conv2d",
  refuse: refuseWeights,
  work: directWork,
  needs: (node, operand) => convNeeds(node, operand === node.operands.input),
  result: () => "nhwc",
  overwrites: isResidual,
  build: buildDirectConv,
};
