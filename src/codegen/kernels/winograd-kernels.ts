import type { NodeOf } from "../../ir/graph.js";
import {
  add,
  advance,
  i32,
  min,
  mul,
  type Operand,
  type Variable,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { Kernel, KernelArgument, Site } from "./algorithm.js";
import { blockCount, packConv, type Region } from "./channel-blocks.js";
import { constantWeights, epilogueWords } from "./conv-kernel.js";
import { KernelWriter } from "./kernel-writer.js";
import {
  least,
  linesFloats,
  type OutputAddresses,
  planesFor,
  productPlane,
  type TileBlock,
  type TileMemory,
  type TilePlanes,
  type TileShape,
  tileColumns,
  tileRows,
  tilesIn,
  writeInputTiles,
  writeOutputTiles,
  writeProducts,
} from "./winograd-loops.js";
import {
  overBlockRange,
  winogradBlockFloats,
  winogradFloats,
  winogradMaker,
} from "./winograd-weights.js";

/** Each unit has memory of its own, so that threads can work side by side: enough for some, but no more than needed. */
const [fewestUnits, mostUnits] = [8, 16];

/** A kernel being written. */
interface Context {
  readonly node: NodeOf<"conv2d">;
  readonly site: Site;
  readonly shape: TileShape;
  readonly writer: KernelWriter;
}

/** The parameters that the outputs of a kernel depend on. */
interface Parameters {
  readonly weights: Variable;
  readonly extras: readonly Variable[];
  readonly output: Variable;
}

const overImages = (
  { shape: { images }, writer: { f } }: Context,
  body: (image: Operand) => void,
): void => {
  if (images === 1) body(0);
  else f.for("image", 0, images, 1, body);
};

/** The address of what the first tap of an image's output (0, 0) reads. */
function imageInput({ node, shape }: Context, input: Expr, image: Operand): Expr {
  const { input: steps } = shape;
  const [top, left] = node.attrs.pads;
  return advance(advance(input, image, steps.image), -top * steps.row - left * steps.column);
}

function declareOutputs({ node, site, shape, writer }: Context): Parameters {
  const { weight, bias } = constantWeights(node.operands)!;
  const [outputs = 1, inputs = 1] = node.operands.weight.type.shape;
  const sizes = { groups: 1, outputs, inputs, rows: 3, columns: 3 };
  const view = {
    data: weight,
    offset: 0,
    group: 0,
    output: 9 * inputs,
    input: 9,
    row: 3,
    column: 1,
  };
  const weights = writer.derived("weights", {
    label: `${node.name || node.op} weights`,
    data: packConv(view, bias, sizes, shape.weights.regions),
    floats: winogradFloats(shape.weights),
    make: winogradMaker(shape.weights, site.target),
  });
  const { extras } = node.operands;
  return {
    weights,
    extras: extras.map((extra, i) => writer.operand(`extra${i}_base`, extra)),
    output: writer.result("output"),
  };
}

/** A block of channels: its region, and which of the region's it is. */
interface ChannelBlock {
  readonly region: Region;
  readonly index: number;
  readonly block: Expr;
}

/** Where a block's biases and matrices lie. */
function blockWeights({ shape }: Context, { weights }: Parameters, own: ChannelBlock): Expr {
  const before = winogradFloats(shape.weights, own.index);
  const size = winogradBlockFloats(shape.weights, own.region);
  return advance(advance(weights, before), own.block, size);
}

/** What a block of channels of one image writes and reads. */
function outputsOf(
  { shape }: Context,
  { extras, output }: Parameters,
  { region, block }: ChannelBlock,
  image: Operand,
  biases: Expr,
): OutputAddresses {
  const inBlock = (base: Expr, image_step: number, step: number): Expr =>
    advance(
      advance(advance(base, image, image_step), block, region.width * step),
      region.first * step,
    );
  return {
    output: inBlock(output, shape.output.image, 1),
    extras: extras.map((extra, i) => {
      const { image: distance, channel } = shape.extras[i]!;
      return inBlock(extra, distance, channel);
    }),
    biases,
  };
}

/** Transformed inputs that stay in a second-level cache beside weights and products. */
const cachedFloats = 55_000;
/** Tiles of a block whatever they take, so that each reading of the weights serves many of them. */
const fewestTiles = 24;

/** Tiles that are taken together: as many as fit the cache, but not all rows, so that threads can share them. */
function fittingTiles(shape: TileShape, pixel: number): number {
  const fitting = Math.floor(cachedFloats / (shape.form.inputs ** 2 * pixel));
  const shared = tileColumns(shape) * Math.ceil(tileRows(shape) / fewestUnits);
  return Math.min(shared, Math.max(fewestTiles, fitting));
}

/** How a range over rows of tiles is cut: units, so that threads can share them, into blocks that fit the cache. */
interface TileCut {
  readonly blockRows: number;
  readonly blockColumns: number;
  readonly unitRows: number;
  readonly units: number;
}

/** Columns in equal parts of at most `most`, a multiple of the pixels of all register tiles. */
function partOfColumns(columns: number, most: number): number {
  const part = Math.ceil(columns / Math.ceil(columns / most));
  return Math.min(columns, Math.ceil(part / 4) * 4);
}

function cutTiles(shape: TileShape, blockTiles: number): TileCut {
  const [rows, columns] = [tileRows(shape), tileColumns(shape)];
  const blockColumns = partOfColumns(columns, blockTiles);
  const blockRows = Math.min(rows, Math.max(1, Math.floor(blockTiles / columns)));
  const unitRows = blockRows * Math.ceil(rows / blockRows / mostUnits);
  return { blockRows, blockColumns, unitRows, units: Math.ceil(rows / unitRows) };
}

/** Memory of one unit: planes of inputs, planes of products, lines of a tile. */
function slotOf(shape: TileShape, planes: TilePlanes, plane: number, lanes: number) {
  const positions = shape.form.inputs ** 2;
  const products = positions * planes.plane;
  const lines = products + positions * plane;
  return { products, lines, floats: lines + linesFloats(shape, lanes) };
}

/** All blocks of channels of a block of tiles. */
function writeBlocks(
  c: Context,
  parameters: Parameters,
  image: Operand,
  tiles: TileBlock,
  memory: TileMemory,
  products: Expr,
  plane: number,
): void {
  const { shape, writer } = c;
  const { f } = writer;
  const v = vectorsOf(c.site.target);
  const count = tilesIn(tiles);
  const number = typeof count === "number" ? count : f.let("tiles", count);
  shape.weights.regions.forEach((region, index) => {
    f.for("block", 0, region.count, 1, (block) => {
      const own = { region, index, block };
      const biases = f.let("biases", blockWeights(c, parameters, own));
      writeProducts(f, v, shape, region, number, memory, biases, products, plane);
      const at = outputsOf(c, parameters, own, image, biases);
      const first = f.let("product_tile", products);
      writeOutputTiles(f, v, shape, region, at, tiles, {
        products: first,
        plane,
        lines: memory.lines,
      });
    });
  });
}

/** One kernel: a unit is some rows of tiles with all their channels, block by block. */
function byTiles(c: Context, blockTiles?: number): Kernel {
  const { node, shape, site, writer } = c;
  const { f } = writer;
  const v = vectorsOf(site.target);
  const [rows, columns] = [tileRows(shape), tileColumns(shape)];
  const { pixel } = planesFor(shape, v.lanes, 1);
  const cut = cutTiles(shape, blockTiles ?? fittingTiles(shape, pixel));
  const { blockRows, blockColumns, unitRows, units } = cut;
  const planes = planesFor(shape, v.lanes, blockRows * blockColumns);
  const plane = productPlane(shape, blockRows * blockColumns);
  const slot = slotOf(shape, planes, plane, v.lanes);
  const input = writer.operand("input", node.operands.input);
  const parameters = declareOutputs(c);
  const scratch = writer.scratch("scratch", { kind: "scratch", floats: units * slot.floats });
  const range = writer.range(units);
  const inputs = f.let("inputs", range ? advance(scratch, range.start, slot.floats) : scratch);
  const products = f.let("products", advance(inputs, slot.products));
  const lines = f.let("lines", advance(inputs, slot.lines));
  const first = range ? f.let("first_row", mul(range.start, unitRows)) : 0;
  const last = range ? f.let("last_row", min(mul(range.end, unitRows), rows)) : rows;
  overImages(c, (image) => {
    const from = f.let("source", imageInput(c, input, image));
    f.for("block_row", first, last, blockRows, (row) => {
      const rowEnd = f.let("row_end", min(add(row, blockRows), last));
      f.for("block_column", 0, columns, blockColumns, (column) => {
        const columnEnd = least(add(column, blockColumns), columns);
        const tiles =
          blockColumns === columns
            ? { row, rowEnd, column: 0, columnEnd: columns }
            : { row, rowEnd, column, columnEnd: f.let("column_end", columnEnd as Expr) };
        const memory = { inputs, planes, lines };
        writeInputTiles(f, v, shape, from, tiles, memory);
        writeBlocks(c, parameters, image, tiles, memory, products, plane);
      });
    });
  });
  return writer.done();
}

/** Transforms all inputs; a unit is a row of tiles. */
function inputsKernel(
  c: Omit<Context, "writer">,
  name: string,
  memory: Extract<KernelArgument, { readonly kind: "scratch" }>,
  planes: TilePlanes,
): Kernel {
  const { node, shape, site } = c;
  const v = vectorsOf(site.target);
  const [rows, columns] = [tileRows(shape), tileColumns(shape)];
  const writer = new KernelWriter(`${name}_inputs`, "V = Bᵀ d B of all tiles");
  const { f } = writer;
  const input = writer.operand("input", node.operands.input);
  const inputs = writer.scratch("inputs", memory);
  const size = linesFloats(shape, v.lanes);
  const scratch = writer.scratch("scratch", { kind: "scratch", floats: rows * size });
  const { start, end } = writer.range(rows) ?? { start: i32(0), end: i32(1) };
  const lines = f.let("lines", advance(scratch, start, size));
  const context = { ...c, writer };
  overImages(context, (image) => {
    const from = f.let("source", imageInput(context, input, image));
    const first = advance(
      advance(inputs, image, rows * columns * planes.pixel),
      start,
      columns * planes.pixel,
    );
    const tiles = { row: start, rowEnd: end, column: 0, columnEnd: columns };
    writeInputTiles(f, v, shape, from, tiles, { inputs: first, planes, lines });
  });
  return writer.done();
}

/** Two kernels: all inputs are transformed, then a unit is a block of channels of all tiles. */
function byChannels(c: Context, tiles: number): Kernel {
  const { shape, site, writer } = c;
  const { f } = writer;
  const v = vectorsOf(site.target);
  const planes = planesFor(shape, v.lanes, tiles);
  const plane = productPlane(shape, tiles);
  const shared = { kind: "scratch", floats: shape.form.inputs ** 2 * planes.plane } as const;
  const before = inputsKernel(c, writer.f.name, shared, planes);
  const slot = slotOf(shape, { pixel: 0, plane: 0 }, plane, v.lanes);
  const units = blockCount(shape.weights.regions);
  const inputs = writer.scratch("inputs", shared);
  const parameters = declareOutputs(c);
  const scratch = writer.scratch("scratch", { kind: "scratch", floats: units * slot.floats });
  const range = writer.range(units) ?? { start: i32(0), end: i32(1) };
  const products = f.let("products", advance(scratch, range.start, slot.floats));
  const lines = f.let("lines", advance(products, slot.lines));
  const all = { row: 0, rowEnd: tileRows(shape), column: 0, columnEnd: tileColumns(shape) };
  overBlockRange(f, shape.weights, range, (region, index, block) => {
    const own = { region, index, block };
    const biases = f.let("biases", blockWeights(c, parameters, own));
    writeProducts(f, v, shape, region, tiles, { inputs, planes, lines }, biases, products, plane);
    const first = f.let("product_tile", products);
    overImages(c, (image) => {
      const at = outputsOf(c, parameters, own, image, biases);
      writeOutputTiles(f, v, shape, region, at, all, { products: first, plane, lines });
    });
  });
  return { ...writer.done(), before: [before] };
}

/**
 * The kernels of one convolution. Where transformed weights are larger than transformed inputs they
 * are read once and all inputs are transformed before; else tiles are taken in blocks of about
 * `blockTiles`, which is what fits the cache unless told.
 */
export function buildWinograd(
  node: NodeOf<"conv2d">,
  site: Site,
  shape: TileShape,
  blockTiles?: number,
): Kernel {
  const [, channels, height, width] = node.operands.input.type.shape;
  const outputs = node.results[0]!.type.shape[1]!;
  const m = shape.form.outputs;
  const size = `${channels}x${height}x${width}`;
  const writer = new KernelWriter(
    `winograd${m}_${size}_${outputs}`,
    `conv 3x3 by F(${m}x${m}), ${size} to ${outputs}x${shape.height}x${shape.width}${epilogueWords(shape.epilogue)}`,
  );
  const context = { node, site, shape, writer };
  const tiles = shape.images * tileRows(shape) * tileColumns(shape);
  const { plane } = planesFor(shape, site.target.lanes, tiles);
  const isHeavy = winogradFloats(shape.weights) > shape.form.inputs ** 2 * plane;
  return isHeavy ? byChannels(context, tiles) : byTiles(context, blockTiles);
}
