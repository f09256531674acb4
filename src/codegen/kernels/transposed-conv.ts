import type { NodeOf } from "../../ir/graph.js";
import { type FeatureMap, featureMap, type Halo } from "../plan/layout.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { packConv, type Region, regionsOf, type WeightSizes } from "./channel-blocks.js";
import {
  constantWeights,
  convKernel,
  epilogueWords,
  extraSteps,
  isResidual,
  refuseWeights,
} from "./conv-kernel.js";
import type { ConvPass } from "./conv-loops.js";
import { transposedWork } from "./conv-work.js";
import { windowWords } from "./direct-conv.js";
import type { ChannelSteps, Steps } from "./space.js";

/** What one axis of a transposed convolution is made of. */
interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/**
 * Outputs `phase + stride · t` for `t` from 0 to `outputs`, which all use the same taps of the kernel:
 * tap `last − j · apart` reads input `first + t + j · step`.
 */
interface Phase {
  readonly phase: number;
  readonly outputs: number;
  readonly taps: number;
  readonly last: number;
  readonly apart: number;
  readonly first: number;
  readonly step: number;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

function phaseOf(axis: Axis, phase: number): Phase {
  const { output, kernel, stride, dilation, pad } = axis;
  const common = divisor(dilation, stride);
  const [apart, step] = [stride / common, dilation / common];
  const own: number[] = [];
  for (let tap = 0; tap < kernel; tap++) {
    if ((phase + pad - tap * dilation) % stride === 0) own.push(tap);
  }
  const last = own[own.length - 1] ?? 0;
  const first = own.length > 0 ? (phase + pad - last * dilation) / stride : 0;
  const outputs = Math.max(0, Math.ceil((output - phase) / stride));
  return { phase, outputs, taps: own.length, last, apart, first, step };
}

/** The phases in runs that differ in weights and outputs only. */
function runsOf(axis: Axis): Phase[][] {
  const runs: Phase[][] = [];
  for (let number = 0; number < axis.stride; number++) {
    const phase = phaseOf(axis, number);
    if (phase.outputs === 0) continue;
    const run = runs[runs.length - 1];
    const before = run?.[run.length - 1];
    const isAlike =
      before?.outputs === phase.outputs &&
      before.taps === phase.taps &&
      before.first === phase.first &&
      before.last + 1 === phase.last;
    if (run && isAlike) run.push(phase);
    else runs.push([phase]);
  }
  return runs;
}

/** How far in front of and behind the input its taps reach. */
function reachOf(axis: Axis): readonly [number, number] {
  let [before, behind] = [0, 0];
  for (const { outputs, taps, first, step } of runsOf(axis).flat()) {
    if (taps === 0) continue;
    before = Math.max(before, -first);
    behind = Math.max(behind, first + outputs - 1 + (taps - 1) * step - (axis.input - 1));
  }
  return [before, behind];
}

function axesOf(node: NodeOf<"deconv2d">): readonly [Axis, Axis] {
  const axis = (along: 0 | 1): Axis => ({
    input: node.operands.input.type.shape[along + 2]!,
    output: node.results[0]!.type.shape[along + 2]!,
    kernel: node.operands.weight.type.shape[along + 2]!,
    stride: node.attrs.stride[along],
    dilation: node.attrs.dilation[along],
    pad: node.attrs.pads[along],
  });
  return [axis(0), axis(1)];
}

function deconvHalo(node: NodeOf<"deconv2d">): Halo {
  const [rows, columns] = axesOf(node);
  const [top, bottom] = reachOf(rows);
  const [left, right] = reachOf(columns);
  return { top, left, bottom, right };
}

/** Everything that the passes of one kernel share. */
interface Shared {
  readonly node: NodeOf<"deconv2d">;
  readonly input: FeatureMap;
  readonly output: FeatureMap;
  readonly extras: readonly ChannelSteps[];
  readonly regions: readonly Region[];
  readonly inputs: number;
  readonly outputs: number;
}

/** Weights of one phase, in the order in which its taps meet the input. */
function packPhase(shared: Shared, sizes: WeightSizes, row: Phase, column: Phase): Float32Array {
  const { node, inputs, outputs, regions } = shared;
  const { weight, bias } = constantWeights(node.operands)!;
  const [, , kernelRows = 1, kernelColumns = 1] = node.operands.weight.type.shape;
  const taps = kernelRows * kernelColumns;
  const view = {
    data: weight,
    offset: row.last * kernelColumns + column.last,
    group: inputs * outputs * taps,
    output: taps,
    input: outputs * taps,
    row: -row.apart * kernelColumns,
    column: -column.apart,
  };
  return packConv(view, bias, sizes, regions);
}

/** A map's steps from one output of a phase to the next. */
const everyStride = (map: Steps, [rows, columns]: readonly [number, number]): Steps => ({
  image: map.image,
  row: rows * map.row,
  column: columns * map.column,
});

/** One run of phases along each axis, and its weights. */
function passOf(
  shared: Shared,
  [rowRun, columnRun]: readonly [readonly Phase[], readonly Phase[]],
  weightOffset: number,
): { readonly pass: ConvPass; readonly packed: readonly Float32Array[] } {
  const { node, input, output, extras, regions, inputs, outputs } = shared;
  const { stride, groups, epilogue } = node.attrs;
  const [row, column] = [rowRun[0]!, columnRun[0]!];
  const sizes = { groups, outputs, inputs, rows: row.taps, columns: column.taps };
  const packed = rowRun.flatMap((y) => columnRun.map((x) => packPhase(shared, sizes, y, x)));
  const weights = packed[0]!.length;
  const hasTaps = row.taps * column.taps > 0;
  const read = { image: input.imageStride, row: input.rowStride, column: input.pixelStride };
  const written = { image: output.imageStride, row: output.rowStride, column: output.pixelStride };
  const offsetIn = (map: Steps): number => row.phase * map.row + column.phase * map.column;
  const pass: ConvPass = {
    space: {
      images: output.images,
      rows: row.outputs,
      columns: column.outputs,
      maps: [
        hasTaps ? read : { image: 0, row: 0, column: 0 },
        everyStride(written, stride),
        ...extras.map((extra) => everyStride(extra, stride)),
      ],
    },
    regions,
    sizes,
    inputOffset: hasTaps ? row.first * read.row + column.first * read.column : 0,
    tapRow: row.step * read.row,
    tapColumn: column.step * read.column,
    weightOffset,
    outputOffset: offsetIn(written),
    extras: extras.map((extra) => ({ offset: offsetIn(extra), channel: extra.channel })),
    epilogue,
    repeats: [
      {
        count: rowRun.length,
        weights: weights * columnRun.length,
        output: written.row,
        extras: extras.map((extra) => extra.row),
      },
      {
        count: columnRun.length,
        weights,
        output: written.column,
        extras: extras.map((extra) => extra.column),
      },
    ],
    range: "rows",
  };
  return { pass, packed };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function buildTransposedConv(node: NodeOf<"deconv2d">, site: Site): Kernel {
  const input = featureMap(site.layoutOf(node.operands.input));
  const output = featureMap(site.layoutOf(node.results[0]!));
  const { groups, epilogue } = node.attrs;
  const [inputs, outputs] = [input.channels / groups, output.channels / groups];
  const [rows, columns] = axesOf(node);
  const pixels = (output.images * output.height * output.width) / (rows.stride * columns.stride);
  const regions = regionsOf(outputs, pixels, site.target);
  const extras = extraSteps(node, site);
  const shared: Shared = { node, input, output, extras, regions, inputs, outputs };
  const passes: ConvPass[] = [];
  const packed: Float32Array[] = [];
  let floats = 0;
  for (const rowRun of runsOf(rows)) {
    for (const columnRun of runsOf(columns)) {
      const part = passOf(shared, [rowRun, columnRun], floats);
      passes.push(part.pass);
      packed.push(...part.packed);
      floats += part.packed.reduce((sum, { length }) => sum + length, 0);
    }
  }
  const words = windowWords([rows.kernel, columns.kernel], node.attrs);
  const from = `${input.channels}x${input.height}x${input.width}`;
  const to = `${output.channels}x${output.height}x${output.width}`;
  return convKernel(node, site, {
    name: `deconv${words}_${from}_${output.channels}`,
    comment: `transposed conv ${words}, ${from} to ${to}${epilogueWords(epilogue)}`,
    packed: join(packed),
    passes,
  });
}

/**
 * A transposed convolution as plain ones: outputs whose positions leave the same rest when divided by
 * the stride use the same taps, so each such phase is a convolution of stride 1 that writes every
 * stride-th pixel.
 */
export const transposedConv: Algorithm<"deconv2d"> = {
  name: "phases",
  op: "deconv2d",
  refuse: refuseWeights,
  work: transposedWork,
  needs: (node, operand) =>
    operand === node.operands.input ? { order: "nhwc", halo: deconvHalo(node) } : { order: "nhwc" },
  result: () => "nhwc",
  overwrites: isResidual,
  build: buildTransposedConv,
};
