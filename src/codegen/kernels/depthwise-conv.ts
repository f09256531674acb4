import type { NodeOf } from "../../ir/graph.js";
import {
  advance,
  FunctionBuilder,
  mulAdd,
  type Variable,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { type FeatureMap, featureMap } from "../plan/layout.js";
import { applySteps } from "./activations.js";
import type { Algorithm, Kernel, KernelArgument, Site } from "./algorithm.js";
import {
  constantWeights,
  epilogueWords,
  extraSteps,
  isResidual,
  refuseWeights,
} from "./conv-kernel.js";
import { depthwiseWork } from "./conv-work.js";
import { convNeeds, windowWords } from "./direct-conv.js";
import { finishPixels, splitEpilogue } from "./finish-pixels.js";
import type { ChannelSteps } from "./space.js";

/** Vector registers that a loop body may fill: one of the 15 usable ones is left for products. */
const registers = 14;

/** How many pixels are computed beside each other, and whether a row of taps is written out. */
interface Tile {
  readonly pixels: number;
  readonly unrolled: boolean;
}

/**
 * Written out, a row of taps loads each input column once for all pixels; weights, columns and sums must
 * fit the registers together. Where not even two pixels do, taps are a loop.
 */
function chooseTile(taps: number, stride: number, dilation: number): Tile {
  for (let pixels = 4; pixels > 1; pixels--) {
    const columns = new Set<number>();
    for (let p = 0; p < pixels; p++) {
      for (let tap = 0; tap < taps; tap++) columns.add(p * stride + tap * dilation);
    }
    if (taps + columns.size + pixels <= registers) return { pixels, unrolled: true };
  }
  return { pixels: 4, unrolled: false };
}

interface Addresses {
  readonly input: Expr;
  readonly weights: Expr;
  readonly output: Expr;
  readonly extras: readonly Expr[];
}

/** Writes the loops of one depth-wise convolution. */
class DepthwiseWriter {
  readonly #v: Vectors;
  readonly #tile: Tile;
  readonly #rows: number;
  readonly #columns: number;

  constructor(
    readonly f: FunctionBuilder,
    readonly node: NodeOf<"conv2d">,
    readonly input: FeatureMap,
    readonly output: FeatureMap,
    readonly extras: readonly ChannelSteps[],
    site: Site,
  ) {
    const [, , rows = 1, columns = 1] = node.operands.weight.type.shape;
    this.#v = vectorsOf(site.target);
    this.#rows = rows;
    this.#columns = columns;
    this.#tile = chooseTile(columns, node.attrs.stride[1], node.attrs.dilation[1]);
  }

  /** Rows `start` to `end` of every image. */
  write(at: Addresses, start: Expr, end: Expr): void {
    const { f, output } = this;
    const inRows = (image?: Expr): void => {
      f.for("row", start, end, 1, (row) => this.#writeRow(this.#rowAt(at, image, row)));
    };
    if (output.images === 1) inRows();
    else f.for("image", 0, output.images, 1, inRows);
  }

  #rowAt(at: Addresses, image: Expr | undefined, row: Expr): Addresses {
    const { f, input, output, extras } = this;
    const { stride, pads } = this.node.attrs;
    const move = (base: Expr, images: number, rows: number): Expr =>
      advance(image ? advance(base, image, images) : base, row, rows);
    const corner = -pads[0] * input.rowStride - pads[1] * input.pixelStride;
    const from = move(at.input, input.imageStride, stride[0] * input.rowStride);
    return {
      input: f.let("source", advance(from, corner)),
      weights: at.weights,
      output: f.let("target", move(at.output, output.imageStride, output.rowStride)),
      extras: extras.map((steps, i) =>
        f.let(`extra_row${i}`, move(at.extras[i]!, steps.image, steps.row)),
      ),
    };
  }

  /** Whole tiles, then a narrower one for the columns left. */
  #writeRow(row: Addresses): void {
    const { width } = this.output;
    const { pixels } = this.#tile;
    const whole = width - (width % pixels);
    if (whole === pixels) this.#writePixels(row, 0, pixels);
    else if (whole > 0) {
      this.f.for("x", 0, whole, pixels, (x) => this.#writePixels(row, x, pixels));
    }
    if (whole < width) this.#writePixels(row, whole, width - whole);
    const { extras, output } = this;
    const { later } = splitEpilogue(this.node.attrs.epilogue, this.#v);
    finishPixels(this.f, this.#v, later, {
      columns: width,
      channels: output.channels,
      result: { at: row.output, column: output.pixelStride },
      extras: extras.map(({ column, channel }, i) => ({ at: row.extras[i]!, column, channel })),
    });
  }

  /** All channels of some pixels. */
  #writePixels(row: Addresses, x: Expr | number, pixels: number): void {
    const { f, input, output, extras } = this;
    const { channels } = output;
    const { lanes } = this.#v;
    const at: Addresses = {
      input: f.let("pixels", advance(row.input, x, this.node.attrs.stride[1] * input.pixelStride)),
      weights: row.weights,
      output: f.let("results", advance(row.output, x, output.pixelStride)),
      extras: extras.map((steps, i) =>
        f.let(`extra${i}`, advance(row.extras[i]!, x, steps.column)),
      ),
    };
    const whole = channels - (channels % lanes);
    if (whole === lanes) this.#writeTile(at, 0, pixels, lanes);
    else if (whole > 0) {
      f.for("c", 0, whole, lanes, (channel) => this.#writeTile(at, channel, pixels, lanes));
    }
    if (whole < channels) this.#writeTile(at, whole, pixels, channels - whole);
  }

  /** One vector of channels of some pixels: biases, sums over the taps, epilogue, stores. */
  #writeTile(at: Addresses, channel: Expr | number, pixels: number, count: number): void {
    const { f, output, extras, input } = this;
    const v = this.#v;
    const { lanes } = v;
    const { direct } = splitEpilogue(this.node.attrs.epilogue, v);
    const weights = f.let("w", advance(at.weights, channel, 1 + this.#rows * this.#columns));
    const from = f.let("from", advance(at.input, channel));
    const to = f.let("to", advance(at.output, channel));
    const beside = extras.map((steps, i) =>
      f.let(`beside${i}`, advance(at.extras[i]!, channel, steps.channel)),
    );
    const sums = Array.from({ length: pixels }, (_, p) => f.let(`sum${p}`, v.load(weights)));
    f.set(weights, advance(weights, lanes));
    const step = this.node.attrs.dilation[0] * input.rowStride;
    const taps = (ky: Expr): void => this.#writeTaps(sums, ky, weights);
    if (this.#rows === 1) taps(from);
    else f.for("ky", from, advance(from, this.#rows * step), step, taps);
    sums.forEach((sum, p) => {
      const value = applySteps(f, direct, sum, (extra) => {
        const { column, channel: perChannel } = extras[extra]!;
        const load = perChannel === 1 ? v.load : v.loadSplat;
        return load(beside[extra]!, p * column);
      });
      f.store(to, p * output.pixelStride, value, count);
    });
  }

  /** One row of taps; moves `weights` behind it. */
  #writeTaps(sums: readonly Variable[], row: Expr, weights: Variable): void {
    const { f, input } = this;
    const v = this.#v;
    const { stride, dilation } = this.node.attrs;
    const tapColumn = dilation[1] * input.pixelStride;
    if (!this.#tile.unrolled) {
      f.for("kx", row, advance(row, this.#columns * tapColumn), tapColumn, (kx) => {
        const w = f.let("weight", v.load(weights));
        sums.forEach((sum, p) => {
          f.set(sum, mulAdd(v.load(kx, p * stride[1] * input.pixelStride), w, sum));
        });
        f.set(weights, advance(weights, v.lanes));
      });
      return;
    }
    const loaded = new Map<number, Variable>();
    const columnAt = (column: number): Variable => {
      const known =
        loaded.get(column) ?? f.let(`x${column}`, v.load(row, column * input.pixelStride));
      loaded.set(column, known);
      return known;
    };
    for (let tap = 0; tap < this.#columns; tap++) {
      const w = f.let(`w${tap}`, v.load(weights, tap * v.lanes));
      sums.forEach((sum, p) => {
        f.set(sum, mulAdd(columnAt(p * stride[1] + tap * dilation[1]), w, sum));
      });
    }
    f.set(weights, advance(weights, this.#columns * v.lanes));
  }
}

/** `[vector of channels]{ bias, weight[row][column] }`, each a vector; zeros in unused lanes. */
function packDepthwise(node: NodeOf<"conv2d">, lanes: number): Float32Array {
  const { weight, bias } = constantWeights(node.operands)!;
  const [channels = 1, , rows = 1, columns = 1] = node.operands.weight.type.shape;
  const taps = rows * columns;
  const packed = new Float32Array(Math.ceil(channels / lanes) * lanes * (1 + taps));
  for (let channel = 0; channel < channels; channel++) {
    const lane = channel % lanes;
    const block = (channel - lane) * (1 + taps) + lane;
    packed[block] = bias?.[channel] ?? 0;
    for (let tap = 0; tap < taps; tap++) {
      packed[block + (1 + tap) * lanes] = weight[channel * taps + tap]!;
    }
  }
  return packed;
}

function buildDepthwise(node: NodeOf<"conv2d">, site: Site): Kernel {
  const input = featureMap(site.layoutOf(node.operands.input));
  const output = featureMap(site.layoutOf(node.results[0]!));
  const extras = extraSteps(node, site);
  const words = windowWords(node.operands.weight.type.shape.slice(2), { ...node.attrs, groups: 1 });
  const from = `${input.channels}x${input.height}x${input.width}`;
  const to = `${output.height}x${output.width}`;
  const f = new FunctionBuilder(
    `dwconv${words}_${from}`,
    `depth-wise conv ${words}, ${from} to ${to}${epilogueWords(node.attrs.epilogue)}`,
  );
  const at: Addresses = {
    input: f.param("input", "floats"),
    weights: f.param("weights", "floats"),
    extras: extras.map((_, index) => f.param(`extra${index}_base`, "floats")),
    output: f.param("output", "floats"),
  };
  const [start, end] = [f.param("start", "i32"), f.param("end", "i32")];
  new DepthwiseWriter(f, node, input, output, extras, site).write(at, start, end);
  const data = packDepthwise(node, vectorsOf(site.target).lanes);
  const operands: KernelArgument[] = node.operands.extras.map((value) => ({
    kind: "operand",
    value,
  }));
  return {
    function: f.done(),
    arguments: [
      { kind: "operand", value: node.operands.input },
      { kind: "packed", label: `${node.name || node.op} weights`, data },
      ...operands,
      { kind: "result", index: 0 },
      { kind: "rangeStart" },
      { kind: "rangeEnd" },
    ],
    units: output.height,
  };
}

/** Convolutions whose groups have one input and one output channel: a vector of channels at a time. */
export const depthwiseConv: Algorithm<"conv2d"> = {
  name: "depthwise",
  op: "conv2d",
  refuse(node) {
    const [outputs = 1, inputs = 1] = node.operands.weight.type.shape;
    if (node.attrs.groups === 1) return "it has one group";
    if (inputs !== 1) return `its groups have ${inputs} input channels`;
    if (outputs !== node.attrs.groups) return "its groups have several output channels";
    return refuseWeights(node);
  },
  work: depthwiseWork,
  needs: (node, operand) => convNeeds(node, operand === node.operands.input),
  result: () => "nhwc",
  overwrites: isResidual,
  build: buildDepthwise,
};
