import type { Epilogue } from "../../ir/ops/arithmetic.js";
import {
  add,
  advance,
  type FunctionBuilder,
  i32,
  min,
  mul,
  mulAdd,
  type Operand,
  sub,
  type Variable,
  type Vectors,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { applySteps } from "./activations.js";
import type { Region } from "./channel-blocks.js";
import type { ChannelSteps, Steps } from "./space.js";
import type { WinogradForm } from "./winograd-transforms.js";
import { matrixFloats, type WinogradWeights } from "./winograd-weights.js";

/** Floats between planes beyond their size: planes at multiples of 4096 bytes would share cache sets. */
export const planePadding = 48;

/** A convolution as tiles: what the loops over them know of maps and memory. */
export interface TileShape {
  readonly form: WinogradForm;
  readonly weights: WinogradWeights;
  /** The map written. */
  readonly images: number;
  readonly height: number;
  readonly width: number;
  /** Where maps lie: the input, the result, the extras. */
  readonly input: Steps;
  readonly output: Steps;
  readonly extras: readonly ChannelSteps[];
  readonly epilogue: Epilogue;
}

/** Tiles along the axes of a map. */
export const tileRows = ({ form, height }: TileShape): number => Math.ceil(height / form.outputs);
export const tileColumns = ({ form, width }: TileShape): number => Math.ceil(width / form.outputs);

/** Transformed inputs of some tiles: `[position][tile][channel]`, channels in whole vectors. */
export interface TilePlanes {
  readonly pixel: number;
  readonly plane: number;
}

/** Planes for at most `tiles` tiles; a register tile may read beyond the last. */
export function planesFor({ weights }: TileShape, lanes: number, tiles: number): TilePlanes {
  const pixel = Math.ceil(weights.inputs / lanes) * lanes;
  const beside = Math.max(...weights.regions.map(({ pixels }) => pixels));
  return { pixel, plane: Math.ceil(tiles / beside) * beside * pixel + planePadding };
}

/** Floats between the planes of products of one block of channels: `[position][tile][width]`. */
export function productPlane({ weights }: TileShape, tiles: number): number {
  const sizes = weights.regions.map(
    ({ pixels, width }) => Math.ceil(tiles / pixels) * pixels * width,
  );
  return Math.max(...sizes) + planePadding / 3;
}

/** Floats of one tile's lines between its two transforms. */
export const linesFloats = ({ form }: TileShape, lanes: number): number => form.inputs ** 2 * lanes;

/** A rectangle of tiles: rows and columns counted from those of the map, ends excluded. */
export interface TileBlock {
  readonly row: Operand;
  readonly rowEnd: Operand;
  readonly column: Operand;
  readonly columnEnd: Operand;
}

const known = (x: Operand): number | undefined =>
  typeof x === "number" ? x : x.kind === "const" ? x.value : undefined;

/** `x − y`, a number where both are. */
export function distance(x: Operand, y: Operand): Operand {
  const [a, b] = [known(x), known(y)];
  if (b === 0) return x;
  return a !== undefined && b !== undefined ? a - b : sub(x, y);
}

/** The smaller one, a number where both are. */
export function least(x: Operand, y: Operand): Operand {
  const [a, b] = [known(x), known(y)];
  return a !== undefined && b !== undefined ? Math.min(a, b) : min(x, y);
}

/** Tiles of a block. */
export function tilesIn({ row, rowEnd, column, columnEnd }: TileBlock): Operand {
  const [rows, columns] = [distance(rowEnd, row), distance(columnEnd, column)];
  const [a, b] = [known(rows), known(columns)];
  return a !== undefined && b !== undefined ? a * b : mul(rows, columns);
}

/** Moves an address on by rows and columns of tiles, `step` map pixels each. */
const atTile = (base: Expr, steps: Steps, step: number, row: Operand, column: Operand): Expr =>
  advance(advance(base, row, step * steps.row), column, step * steps.column);

/** Memory of the loops. */
export interface TileMemory {
  /** Transformed inputs, at the block's first tile. */
  readonly inputs: Expr;
  readonly planes: TilePlanes;
  readonly lines: Variable;
}

/**
 * `V = Bᵀ d B` of a block's tiles, a vector of channels at a time: columns first, by way of `lines`, then
 * rows. `image` is the address of the image's input that the first tap of output (0, 0) reads.
 */
export function writeInputTiles(
  f: FunctionBuilder,
  v: Vectors,
  shape: TileShape,
  image: Expr,
  block: TileBlock,
  { inputs, planes, lines }: TileMemory,
): void {
  const { form, input } = shape;
  const n = form.inputs;
  const to = f.let("to", inputs);
  f.for("row", block.row, block.rowEnd, 1, (row) => {
    const tile = f.let("tile", atTile(image, input, form.outputs, row, block.column));
    f.for("column", block.column, block.columnEnd, 1, () => {
      f.for("c", 0, planes.pixel, v.lanes, (c) => {
        const pixel = f.let("pixel", advance(tile, c));
        f.for("line", lines, advance(lines, n * v.lanes), v.lanes, (line) => {
          const d = indices(n).map((i) => f.let(`d${i}`, v.load(pixel, i * input.row)));
          form.input(f, d).forEach((x, i) => {
            f.store(line, i * n * v.lanes, x);
          });
          f.set(pixel, advance(pixel, input.column));
        });
        const place = f.let("place", advance(to, c));
        f.for("line", lines, advance(lines, n * n * v.lanes), n * v.lanes, (line) => {
          const d = indices(n).map((j) => f.let(`d${j}`, v.load(line, j * v.lanes)));
          form.input(f, d).forEach((x, j) => {
            f.store(place, j * planes.plane, x);
          });
          f.set(place, advance(place, n * planes.plane));
        });
      });
      f.set(tile, advance(tile, form.outputs * input.column));
      f.set(to, advance(to, planes.pixel));
    });
  });
}

const indices = (count: number): number[] => [...Array(count).keys()];

/** The register tile of one position: `pixels` tiles of a map beside each other, all channels of the block. */
function writeProductTile(
  f: FunctionBuilder,
  v: Vectors,
  { inputs }: WinogradWeights,
  { width, pixels }: Region,
  at: { readonly from: Expr; readonly pixel: number; readonly matrix: Expr; readonly to: Expr },
): void {
  const parts = v.cut(width);
  const sums = indices(pixels).map((p) =>
    parts.map((_, j) => f.let(`sum${p}_${j}`, v.constant(0))),
  );
  const weights = f.let("w", at.matrix);
  f.for("k", at.from, advance(at.from, inputs), 1, (k) => {
    const w = parts.map((part, j) => f.let(`w${j}`, v.load(weights, part.at)));
    sums.forEach((ofTile, p) => {
      const x = f.let(`x${p}`, v.loadSplat(k, p * at.pixel));
      ofTile.forEach((sum, j) => {
        f.set(sum, mulAdd(x, w[j]!, sum));
      });
    });
    f.set(weights, advance(weights, width));
  });
  sums.forEach((ofTile, p) => {
    ofTile.forEach((sum, j) => {
      f.store(at.to, p * width + parts[j]!.at, sum);
    });
  });
}

/** `M = U V` of one block of channels, whose weights begin at `block`, for every position and `tiles` tiles. */
export function writeProducts(
  f: FunctionBuilder,
  v: Vectors,
  shape: TileShape,
  region: Region,
  tiles: Operand,
  { inputs, planes }: TileMemory,
  block: Expr,
  products: Expr,
  plane: number,
): void {
  const { weights, form } = shape;
  const { width, pixels } = region;
  const matrix = f.let("matrix", advance(block, width));
  const first = f.let("first_tile", inputs);
  const into = f.let("into", products);
  f.for("position", 0, form.inputs ** 2, 1, () => {
    const to = f.let("to", into);
    f.for("from", first, advance(first, tiles, planes.pixel), pixels * planes.pixel, (from) => {
      writeProductTile(f, v, weights, region, { from, pixel: planes.pixel, matrix, to });
      f.set(to, advance(to, pixels * width));
    });
    f.set(matrix, advance(matrix, matrixFloats(weights, region)));
    f.set(first, advance(first, planes.plane));
    f.set(into, advance(into, plane));
  });
}

/** Where one block of channels of one image goes, and what its epilogue reads. */
export interface OutputAddresses {
  readonly output: Expr;
  readonly extras: readonly Expr[];
  /** The block's biases. */
  readonly biases: Expr;
}

/** Products of a block of channels: the first tile's, planes `plane` apart. */
export interface ProductMemory {
  readonly products: Variable;
  readonly plane: number;
  readonly lines: Variable;
}

/** What is stored of one tile: rows (may be known late only) and columns of a vector's first `lanes` channels. */
interface TilePart {
  readonly rows: Operand;
  readonly columns: number;
  readonly lanes: number;
}

/** `Y = Aᵀ M A` of one tile and one vector of channels, bias and epilogue, stores. */
function writeOutputVector(
  f: FunctionBuilder,
  v: Vectors,
  shape: TileShape,
  at: { readonly output: Expr; readonly extras: readonly Expr[]; readonly bias: Expr },
  { products, plane, lines }: Omit<ProductMemory, "products"> & { readonly products: Expr },
  part: TilePart,
): void {
  const { form, output, extras, epilogue } = shape;
  const n = form.inputs;
  const product = f.let("product", products);
  f.for("line", lines, advance(lines, n * v.lanes), v.lanes, (line) => {
    const p = indices(n).map((i) => f.let(`p${i}`, v.load(product, i * n * plane)));
    form.output(f, p).forEach((y, i) => {
      f.store(line, i * n * v.lanes, y);
    });
    f.set(product, advance(product, plane));
  });
  const bias = f.let("bias", at.bias);
  const to = f.let("to", at.output);
  const beside = at.extras.map((extra, i) => f.let(`extra${i}`, extra));
  f.for("line", lines, advance(lines, part.rows, n * v.lanes), n * v.lanes, (line) => {
    const p = indices(n).map((j) => f.let(`p${j}`, v.load(line, j * v.lanes)));
    const values = form.output(f, p).slice(0, part.columns);
    values.forEach((y, x) => {
      const value = applySteps(f, epilogue, add(y, bias), (extra) => {
        const { channel, column } = extras[extra]!;
        const read = channel === 1 ? v.load : v.loadSplat;
        return read(beside[extra]!, x * column);
      });
      f.store(to, x * output.column, value, part.lanes);
    });
    f.set(to, advance(to, output.row));
    beside.forEach((extra, i) => {
      if (extras[i]!.row !== 0) f.set(extra, advance(extra, extras[i]!.row));
    });
  });
}

/** All vectors of one tile. */
function writeOutputTile(
  f: FunctionBuilder,
  v: Vectors,
  shape: TileShape,
  region: Region,
  at: OutputAddresses,
  memory: ProductMemory,
  rows: Operand,
  columns: number,
): void {
  const write = (lane: Operand, lanes: number): void => {
    const extras = at.extras.map((extra, i) => advance(extra, lane, shape.extras[i]!.channel));
    const own = {
      output: advance(at.output, lane),
      extras,
      bias: v.load(advance(at.biases, lane)),
    };
    const products = advance(memory.products, lane);
    writeOutputVector(f, v, shape, own, { ...memory, products }, { rows, columns, lanes });
  };
  const rest = region.stored % v.lanes;
  const whole = region.stored - rest;
  if (whole === v.lanes) write(0, v.lanes);
  else if (whole > 0) f.for("lane", 0, whole, v.lanes, (lane) => write(lane, v.lanes));
  if (rest > 0) write(whole, rest);
}

/** The outputs of a block of tiles for one block of channels; leaves `memory.products` behind the last tile. */
export function writeOutputTiles(
  f: FunctionBuilder,
  v: Vectors,
  shape: TileShape,
  region: Region,
  at: OutputAddresses,
  block: TileBlock,
  memory: ProductMemory,
): void {
  const { form, output, extras, height, width } = shape;
  const m = form.outputs;
  const restRows = height % m;
  const restColumns = width % m;
  const wholeColumns = Math.floor(width / m);
  f.for("row", block.row, block.rowEnd, 1, (row) => {
    const rows = restRows === 0 ? m : f.let("rows", min(m, sub(i32(height), mul(row, m))));
    const place = (column: Operand): OutputAddresses => ({
      output: f.let("to_tile", atTile(at.output, output, m, row, column)),
      extras: at.extras.map((extra, i) =>
        f.let(`beside${i}`, atTile(extra, extras[i]!, m, row, column)),
      ),
      biases: at.biases,
    });
    const write = (column: Operand, columns: number): void => {
      writeOutputTile(f, v, shape, region, place(column), memory, rows, columns);
      f.set(memory.products, advance(memory.products, region.width));
    };
    const end = least(block.columnEnd, wholeColumns);
    f.for("column", block.column, end, 1, (column) => write(column, m));
    if (restColumns === 0) return;
    const isLast = distance(block.columnEnd, wholeColumns);
    if (typeof isLast === "number") write(wholeColumns, restColumns);
    else f.for("column", wholeColumns, block.columnEnd, 1, (column) => write(column, restColumns));
  });
}
