import type { Epilogue } from "../../ir/ops/arithmetic.js";
import {
  advance,
  type FunctionBuilder,
  lt,
  mulAdd,
  select,
  sub,
  type Variable,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import { applySteps } from "./activations.js";
import {
  blockCount,
  blockFloats,
  groupFloats,
  type Region,
  type WeightSizes,
} from "./channel-blocks.js";
import { finishPixels, splitEpilogue } from "./finish-pixels.js";
import type { Space, Steps } from "./space.js";

/** How often a pass is repeated, and how far apart in weights, outputs and extras. */
interface Repeat {
  readonly count: number;
  readonly weights: number;
  readonly output: number;
  readonly extras: readonly number[];
}

/** One pass of a convolution: every output of a space is a sum over taps and the channels of a group. */
export interface ConvPass {
  /** `maps` is the input (by output), the output, then the extras. */
  readonly space: Space;
  readonly regions: readonly Region[];
  readonly sizes: WeightSizes;
  /** Elements from the input's element 0 to the first tap of output 0. */
  readonly inputOffset: number;
  /** Distance of neighbouring taps in the input. */
  readonly tapRow: number;
  readonly tapColumn: number;
  readonly weightOffset: number;
  readonly outputOffset: number;
  readonly extras: readonly { readonly offset: number; readonly channel: number }[];
  readonly epilogue: Epilogue;
  /** The pass again with other weights and outputs: the phases of a transposed convolution. */
  readonly repeats: readonly Repeat[];
  /** What a call's range counts: rows of an image, or blocks of channels (one group only). */
  readonly range: "rows" | "channels";
}

/** The kernel's parameters. */
interface ConvAddresses {
  readonly input: Expr;
  readonly weights: Expr;
  readonly output: Expr;
  readonly extras: readonly Expr[];
  readonly start: Expr;
  readonly end: Expr;
}

/** Counters of the loops around a tile; absent where there is one pass only. */
interface Position {
  readonly image?: Expr | undefined;
  readonly row?: Expr | undefined;
  readonly group?: Expr | undefined;
  readonly block?: Expr | undefined;
  readonly repeats?: readonly (Expr | undefined)[];
}

/** Addresses of the first pixel of a row, for one block of channels. */
interface Row {
  readonly input: Expr;
  readonly weights: Expr;
  readonly output: Expr;
  readonly extras: readonly Expr[];
}

interface Context {
  readonly f: FunctionBuilder;
  readonly v: Vectors;
  readonly pass: ConvPass;
  readonly at: ConvAddresses;
  /** Steps of the epilogue that are applied to sums in registers, and to rows of them. */
  readonly direct: Epilogue;
  readonly later: Epilogue;
}

const by = (base: Expr, counter: Expr | undefined, scale: number): Expr =>
  counter ? advance(base, counter, scale) : base;

const inMap = (base: Expr, steps: Steps, { image, row }: Position): Expr =>
  by(by(base, image, steps.image), row, steps.row);

/** The channels of a block in a map whose neighbouring channels lie `channel` apart. */
function inChannels(
  base: Expr,
  channel: number,
  { pass }: Context,
  region: Region,
  { group, block }: Position,
): Expr {
  const inGroup = by(base, group, pass.sizes.outputs * channel);
  return by(advance(inGroup, region.first * channel), block, region.width * channel);
}

/** Where the region's blocks begin in a group's packed weights. */
function regionOffset({ regions, sizes }: ConvPass, region: Region): number {
  return groupFloats(regions.slice(0, regions.indexOf(region)), sizes);
}

/** A base moved on by the counters of the repeats. */
function inRepeats(
  base: Expr,
  { pass }: Context,
  { repeats = [] }: Position,
  distance: (repeat: Repeat) => number,
): Expr {
  let at = base;
  repeats.forEach((counter, i) => {
    at = by(at, counter, distance(pass.repeats[i]!));
  });
  return at;
}

function rowAt(c: Context, region: Region, position: Position): Row {
  const { f, pass, at } = c;
  const [input, output, ...extras] = pass.space.maps as readonly [Steps, Steps, ...Steps[]];
  const weights = advance(at.weights, pass.weightOffset + regionOffset(pass, region));
  const repeated = inRepeats(weights, c, position, (repeat) => repeat.weights);
  const inGroup = by(repeated, position.group, groupFloats(pass.regions, pass.sizes));
  const from = by(inMap(at.input, input, position), position.group, pass.sizes.inputs);
  const to = inChannels(inMap(at.output, output, position), 1, c, region, position);
  return {
    input: f.let("source", advance(from, pass.inputOffset)),
    weights: f.let("block_weights", by(inGroup, position.block, blockFloats(region, pass.sizes))),
    output: f.let(
      "target",
      inRepeats(advance(to, pass.outputOffset), c, position, (repeat) => repeat.output),
    ),
    extras: extras.map((steps, index) => {
      const { offset, channel } = pass.extras[index]!;
      const own = inMap(at.extras[index]!, steps, position);
      const from = advance(inChannels(own, channel, c, region, position), offset);
      return f.let(
        `extra_row${index}`,
        inRepeats(from, c, position, (repeat) => repeat.extras[index]!),
      );
    }),
  };
}

/** `body` once for each; without a loop and a counter where there is one only. */
function over(c: Context, name: string, count: number, body: (at?: Expr) => void): void {
  if (count === 1) body();
  else c.f.for(name, 0, count, 1, body);
}

/** The loop over one vector of input numbers that lie behind each other: one at a time, never unrolled. */
function writeRun(
  c: Context,
  width: number,
  pixels: number,
  sums: readonly Variable[][],
  from: Expr,
  weights: Variable,
  length: number,
): void {
  const { f, v, pass } = c;
  const column = pass.space.maps[0]!.column;
  const step = (k: Expr): void => {
    const parts = v.cut(width);
    const w = parts.map(({ at }, j) => f.let(`w${j}`, v.load(weights, at)));
    for (let p = 0; p < pixels; p++) {
      const x = f.let(`x${p}`, v.loadSplat(k, p * column));
      sums[p]!.forEach((sum, j) => {
        f.set(sum, mulAdd(x, w[j]!, sum));
      });
    }
    f.set(weights, advance(weights, width));
  };
  if (length === 1) step(from);
  else f.for("k", from, advance(from, length), 1, step);
}

/** All taps of a tile: each row's taps are one run where their channels lie behind each other. */
function writeTaps(c: Context, from: Variable, run: (from: Expr, length: number) => void): void {
  const { f, pass } = c;
  const { rows, columns, inputs } = pass.sizes;
  const inRow = (at: Expr): void => {
    if (columns === 1 || pass.tapColumn === inputs) run(at, columns * inputs);
    else {
      const end = advance(at, columns * pass.tapColumn);
      f.for("kx", at, end, pass.tapColumn, (kx) => run(kx, inputs));
    }
  };
  if (rows === 1) inRow(from);
  else f.for("ky", from, advance(from, rows * pass.tapRow), pass.tapRow, inRow);
}

/** `pixels` outputs of one block from output column `x`: biases, sums, epilogue, stores. */
function writeTile(c: Context, region: Region, row: Row, x: Expr | number, pixels: number): void {
  const { f, v, pass } = c;
  const [input, output, ...extras] = pass.space.maps;
  const { rows, columns } = pass.sizes;
  const parts = v.cut(region.width);
  const sums: Variable[][] = [];
  for (let p = 0; p < pixels; p++) {
    sums.push(parts.map(({ at }, j) => f.let(`sum${p}_${j}`, v.load(row.weights, at))));
  }
  if (rows * columns > 0) {
    const weights = f.let("w", advance(row.weights, region.width));
    const from = f.let("from", advance(row.input, x, input!.column));
    writeTaps(c, from, (at, length) =>
      writeRun(c, region.width, pixels, sums, at, weights, length),
    );
  }
  const to = f.let("to", advance(row.output, x, output!.column));
  const beside = extras.map((steps, i) =>
    f.let(`extra${i}`, advance(row.extras[i]!, x, steps.column)),
  );
  for (let p = 0; p < pixels; p++) {
    v.cut(region.stored).forEach(({ at, count }, j) => {
      const value = applySteps(f, c.direct, sums[p]![j]!, (extra) => {
        const distance = p * extras[extra]!.column;
        const perChannel = pass.extras[extra]!.channel === 1;
        return perChannel
          ? v.load(beside[extra]!, distance + at)
          : v.loadSplat(beside[extra]!, distance);
      });
      f.store(to, p * output!.column + at, value, count);
    });
  }
}

/** One row of one block of channels: whole tiles, then a narrower one for the columns left. */
function writeRow(c: Context, region: Region, position: Position): void {
  const { columns } = c.pass.space;
  const row = rowAt(c, region, position);
  const whole = columns - (columns % region.pixels);
  if (whole === region.pixels) writeTile(c, region, row, 0, region.pixels);
  else if (whole > 0) {
    c.f.for("x", 0, whole, region.pixels, (x) => writeTile(c, region, row, x, region.pixels));
  }
  if (whole < columns) writeTile(c, region, row, whole, columns - whole);
  const [, output, ...extras] = c.pass.space.maps;
  finishPixels(c.f, c.v, c.later, {
    columns,
    channels: region.stored,
    result: { at: row.output, column: output!.column },
    extras: extras.map(({ column }, i) => {
      return { at: row.extras[i]!, column, channel: c.pass.extras[i]!.channel };
    }),
  });
}

/** A range's end where these units are fewer than the kernel's. */
const clipped = (c: Context, end: Expr, units: number, all: number): Expr =>
  units === all ? end : c.f.let("last", select(lt(end, units), end, units));

/** `body` for every combination of the repeats' counters. */
function overRepeats(
  c: Context,
  body: (counters: readonly (Expr | undefined)[]) => void,
  counters: readonly (Expr | undefined)[] = [],
): void {
  const repeat = c.pass.repeats[counters.length];
  if (!repeat) body(counters);
  else over(c, "phase", repeat.count, (at) => overRepeats(c, body, [...counters, at]));
}

/** All blocks of channels of all groups, for one row. */
function writeBlocks(c: Context, position: Position): void {
  const { sizes, regions } = c.pass;
  over(c, "group", sizes.groups, (group) => {
    for (const region of regions) {
      over(c, "block", region.count, (block) => writeRow(c, region, { ...position, group, block }));
    }
  });
}

function rowsOutside(c: Context, units: number): void {
  const { f, pass, at } = c;
  const end = clipped(c, at.end, pass.space.rows, units);
  over(c, "image", pass.space.images, (image) => {
    f.for("row", at.start, end, 1, (row) => {
      overRepeats(c, (repeats) => writeBlocks(c, { image, row, repeats }));
    });
  });
}

function channelsOutside(c: Context, units: number): void {
  const { f, pass, at } = c;
  let before = 0;
  for (const region of pass.regions) {
    const first = before;
    before += region.count;
    const start =
      first === 0 ? at.start : f.let("first", select(lt(at.start, first), first, at.start));
    const end = clipped(c, at.end, before, units);
    f.for("unit", start, end, 1, (unit) => {
      const block = first === 0 ? unit : f.let("block", sub(unit, first));
      over(c, "image", pass.space.images, (image) => {
        over(c, "row", pass.space.rows, (row) => {
          writeRow(c, region, { image, row, block });
        });
      });
    });
  }
}

/** Units of a pass's range. */
export const unitsOf = ({ range, space, regions }: ConvPass): number =>
  range === "rows" ? space.rows : blockCount(regions);

/** Writes the loops of one pass; a range of rows counts up to `units`, which may be more than it has. */
export function writeConv(
  f: FunctionBuilder,
  target: KernelTarget,
  pass: ConvPass,
  at: ConvAddresses,
  units = unitsOf(pass),
): void {
  const v = vectorsOf(target);
  const context: Context = { f, v, pass, at, ...splitEpilogue(pass.epilogue, v) };
  if (pass.range === "rows") rowsOutside(context, units);
  else channelsOutside(context, units);
}
