import {
  advance,
  FunctionBuilder,
  lt,
  min,
  select,
  sub,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import type { Maker } from "./algorithm.js";
import { blockCount, blockFloats, type Region, type WeightSizes } from "./channel-blocks.js";
import type { WinogradForm } from "./winograd-transforms.js";

/** Floats behind each matrix, so that neighbouring positions do not share cache sets. */
const padding = 16;

/** The transformed weights of one convolution: `[region][block]{ bias[width], position{ [input][width], padding } }`. */
export interface WinogradWeights {
  readonly form: WinogradForm;
  readonly regions: readonly Region[];
  readonly inputs: number;
}

/** Floats of one position's matrix of a block, and of what lies behind it. */
export const matrixFloats = ({ inputs }: WinogradWeights, { width }: Region): number =>
  inputs * width + padding;

const positionsOf = ({ form }: WinogradWeights): number => form.inputs ** 2;

/** Floats of one block: its biases, then a matrix for each position. */
export const winogradBlockFloats = (weights: WinogradWeights, region: Region): number =>
  region.width + positionsOf(weights) * matrixFloats(weights, region);

/** Floats of the first `count` regions, or of all. */
export const winogradFloats = (weights: WinogradWeights, count = weights.regions.length): number =>
  weights.regions
    .slice(0, count)
    .reduce((sum, region) => sum + region.count * winogradBlockFloats(weights, region), 0);

/**
 * Loops over the blocks `start` to `end`, counted through all regions; `body` gets a block's number in
 * its region.
 */
export function overBlockRange(
  f: FunctionBuilder,
  { regions }: WinogradWeights,
  { start, end }: { readonly start: Expr; readonly end: Expr },
  body: (region: Region, index: number, block: Expr) => void,
): void {
  let before = 0;
  regions.forEach((region, index) => {
    const first = before;
    before += region.count;
    const from = first === 0 ? start : f.let("first", select(lt(start, first), first, start));
    const to = index === regions.length - 1 ? end : f.let("last", min(end, before));
    f.for("unit", from, to, 1, (unit) => {
      body(region, index, first === 0 ? unit : f.let("block", sub(unit, first)));
    });
  });
}

/** `U = G g Gᵀ` of one vector of output channels for one input channel, stored a matrix apart. */
function writeTransform(
  f: FunctionBuilder,
  v: Vectors,
  weights: WinogradWeights,
  region: Region,
  from: Expr,
  to: Expr,
): void {
  const { form, inputs } = weights;
  const tap = (y: number, x: number): Expr =>
    f.let(`g${y}${x}`, v.load(from, (3 * y + x) * inputs * region.width));
  const columns = [0, 1, 2].map((x) =>
    form.weight(f, [tap(0, x), tap(1, x), tap(2, x)]).map((u) => f.let("u", u)),
  );
  for (let i = 0; i < form.inputs; i++) {
    const line = form.weight(
      f,
      columns.map((column) => column[i]!),
    );
    line.forEach((u, j) => {
      f.store(to, (i * form.inputs + j) * matrixFloats(weights, region), u);
    });
  }
}

/** All weights of one block, from the order of the direct kernel. */
function writeBlock(
  f: FunctionBuilder,
  v: Vectors,
  weights: WinogradWeights,
  region: Region,
  from: Expr,
  to: Expr,
): void {
  const { width } = region;
  const [source, target] = [f.let("source", from), f.let("target", to)];
  for (const { at } of v.cut(width)) f.store(target, at, v.load(source, at));
  f.for("c", 0, weights.inputs, 1, (c) => {
    const [g, u] = [source, target].map((base) =>
      f.let("at", advance(advance(base, c, width), width)),
    );
    f.for("lane", 0, width, v.lanes, (lane) => {
      const [taps, matrix] = [f.let("taps", advance(g!, lane)), f.let("matrix", advance(u!, lane))];
      writeTransform(f, v, weights, region, taps, matrix);
    });
  });
}

/** What makes the transformed weights from those that `packConv` packs for the same regions. Units are blocks. */
export function winogradMaker(weights: WinogradWeights, target: KernelTarget): Maker {
  const { form, regions, inputs } = weights;
  const outputs = regions.reduce((sum, { count, stored }) => sum + count * stored, 0);
  const sizes: WeightSizes = { groups: 1, outputs, inputs, rows: 3, columns: 3 };
  const name = `winograd${form.outputs}_weights_${inputs}_${outputs}`;
  const f = new FunctionBuilder(name, `U = G g Gᵀ of weights 3x3, ${inputs} to ${outputs}`);
  const [from, to] = [f.param("from", "floats"), f.param("to", "floats")];
  const range = { start: f.param("start", "i32"), end: f.param("end", "i32") };
  const v = vectorsOf(target);
  overBlockRange(f, weights, range, (region, index, block) => {
    const before = regions.slice(0, index);
    const start = before.reduce((sum, own) => sum + own.count * blockFloats(own, sizes), 0);
    const source = advance(advance(from, start), block, blockFloats(region, sizes));
    const into = advance(to, winogradFloats(weights, index));
    writeBlock(
      f,
      v,
      weights,
      region,
      source,
      advance(into, block, winogradBlockFloats(weights, region)),
    );
  });
  return { function: f.done(), units: blockCount(regions) };
}
