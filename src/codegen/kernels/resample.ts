import type { NodeOf } from "../../ir/graph.js";
import type { ResampleAttributes } from "../../ir/ops/resample.js";
import { printType } from "../../ir/types.js";
import { add, advance, convert, load, max, mul, type Vectors } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { featureMap } from "../plan/layout.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { KernelWriter } from "./kernel-writer.js";
import { overBlocks, storeBlock } from "./lane-blocks.js";
import { anyLayout } from "./nest-kernel.js";
import { pixelNest } from "./pixel-nest.js";

/** Numbers for each row of a result: `taps` rows of the input, as many weights, and 1 where it lies outside. */
interface Table {
  readonly taps: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** A row's place among the input's: `(at + shift) · step + start`. */
function placing(attrs: ResampleAttributes, axis: 0 | 1, size: number) {
  const [out, step] = [attrs.size[axis], 1 / attrs.scale[axis]];
  const stretch = out > 1 ? (size - 1) / (out - 1) : 0;
  switch (attrs.coordinates) {
    case "half_pixel":
      return { shift: 0.5, step, start: -0.5 };
    case "half_pixel_symmetric":
      return { shift: 0.5, step, start: (size - out * step) / 2 - 0.5 };
    case "pytorch_half_pixel":
      return out > 1 ? { shift: 0.5, step, start: -0.5 } : { shift: 0, step: 0, start: 0 };
    case "align_corners":
      return { shift: 0, step: stretch, start: 0 };
    case "asymmetric":
      return { shift: 0, step, start: 0 };
    case "tf_half_pixel_for_nn":
      return { shift: 0.5, step, start: 0 };
    case "tf_crop_and_resize": {
      const [first, last] = [attrs.region[axis], attrs.region[axis === 0 ? 2 : 3]!];
      const start = (out > 1 ? first : (first + last) / 2) * (size - 1);
      return { shift: 0, step: (last - first) * stretch, start };
    }
  }
}

/** Weights of the four rows around a place `t` behind the second one. */
function cubicWeights(a: number, t: number): number[] {
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/** The first row of a place, and weights from there on. */
function weigh(attrs: ResampleAttributes, place: number): readonly [number, readonly number[]] {
  const below = Math.floor(place);
  if (attrs.mode === "linear") return [below, [below + 1 - place, place - below]];
  if (attrs.mode === "cubic") {
    return [below - 1, cubicWeights(attrs.coefficient, place - below)];
  }
  const half = attrs.rounding === "round_prefer_floor" ? Math.ceil(place - 0.5) : below;
  const up = attrs.rounding === "round_prefer_ceil" ? Math.floor(place + 0.5) : half;
  return [attrs.rounding === "ceil" ? Math.ceil(place) : up, [1]];
}

/** The table of an axis of the input with `size` rows. */
function tableOf(attrs: ResampleAttributes, axis: 0 | 1, size: number): Table {
  const { shift, step, start } = placing(attrs, axis, size);
  const excludes = attrs.mode === "cubic" && attrs.excludeOutside;
  const isCrop = attrs.coordinates === "tf_crop_and_resize";
  const lines = Array.from({ length: attrs.size[axis] }, (_, at) => {
    const exact = (at + shift) * step + start;
    const grid = Math.round(exact * 64) / 64;
    const place = Math.abs(exact - grid) < 1e-6 ? grid : exact;
    const isOutside = isCrop && (place < 0 || place > size - 1);
    const [first, weights] = weigh(attrs, place);
    const shown = weights.map((weight, tap) => {
      const row = first + tap;
      const counts = !excludes || (row >= 0 && row < size);
      return { row: Math.min(Math.max(row, 0), size - 1), weight: counts ? weight : 0 };
    });
    const sum = excludes ? shown.reduce((all, { weight }) => all + weight, 0) : 1;
    return [
      ...shown.map(({ row }) => row),
      ...shown.map(({ weight }) => (isOutside || sum === 0 ? 0 : weight / sum)),
      isOutside ? 1 : 0,
    ];
  });
  const width = lines[0]!.length;
  return { taps: (width - 1) / 2, width, data: Float32Array.from(lines.flat()) };
}

/** Reads a table: the weights of one row or column, and 1 where it lies outside. */
interface Line {
  readonly table: Table;
  readonly at: Expr;
}

const weightOf = ({ table, at }: Line, tap: number, v: Vectors): Expr =>
  v.loadSplat(at, table.taps + tap);

/** The sum over all taps; outside of a crop what is shown there. */
function weighted(
  { outside, coordinates }: ResampleAttributes,
  row: Line,
  column: Line,
  pixels: readonly Expr[],
  v: Vectors,
): Expr {
  const { taps } = column.table;
  const sums = Array.from({ length: row.table.taps }, (_, y) => {
    const parts = Array.from({ length: taps }, (_, x) =>
      mul(v.load(pixels[y * taps + x]!), weightOf(column, x, v)),
    );
    return mul(parts.reduce(add), weightOf(row, y, v));
  });
  const inside = sums.reduce(add);
  if (coordinates !== "tf_crop_and_resize" || outside === 0) return inside;
  const [above, beside] = [row, column].map(({ table, at }) => v.loadSplat(at, 2 * table.taps));
  return add(inside, mul(max(above!, beside!), outside));
}

function build(node: NodeOf<"resample">, site: Site): Kernel {
  const { attrs, operands, results } = node;
  const to = featureMap(site.layoutOf(results[0]!));
  const from = featureMap(site.layoutOf(operands.input));
  const [rows, columns] = [tableOf(attrs, 0, from.height), tableOf(attrs, 1, from.width)];
  const writer = new KernelWriter(
    `resample_${attrs.mode}_${results[0]!.type.shape.join("x")}`,
    `${attrs.mode} resampling of ${printType(operands.input.type)} to ${attrs.size.join("x")}`,
  );
  const y = writer.result("y");
  const x = writer.operand("x", operands.input);
  const rowTable = writer.packed("rows", "rows", rows.data);
  const columnTable = writer.packed("columns", "columns", columns.data);
  const { f } = writer;
  const range = writer.range(to.height);
  const nest = pixelNest(to, from, rows.taps * columns.taps);
  const index = (table: Expr, tap: number): Expr =>
    convert("truncate", "i32", load("f32", table, tap));
  f.for("row", range?.start ?? 0, range?.end ?? to.height, 1, (row) => {
    const down = { table: rows, at: f.let("down", advance(rowTable, row, rows.width)) };
    const result = f.let("to", advance(y, row, to.rowStride));
    const lines = Array.from({ length: rows.taps }, (_, tap) =>
      f.let("line", advance(x, index(down.at, tap), from.rowStride)),
    );
    f.for("column", 0, to.width, 1, (column) => {
      const at = f.let("across", advance(columnTable, column, columns.width));
      const across = { table: columns, at };
      const offsets = Array.from({ length: columns.taps }, (_, tap) => f.let("by", index(at, tap)));
      const pixels = lines.flatMap((line) =>
        offsets.map((by) => advance(line, by, from.pixelStride)),
      );
      const all = [advance(result, column, to.pixelStride), ...pixels];
      overBlocks(f, site.target, nest, all, 1, undefined, ([into, ...corners], block) => {
        storeBlock(f, into!, block, () => weighted(attrs, down, across, corners, block.v));
      });
    });
  });
  return writer.done();
}

/** Sums of pixels by tables of places and weights, made when compiling. */
export const resampleRows: Algorithm<"resample"> = { ...anyLayout, op: "resample", build };
