import { printType } from "../../ir/types.js";
import { FunctionBuilder } from "../loops/build.js";
import type { LoopFunction } from "../loops/types.js";
import { featureMap, type Layout } from "../plan/layout.js";
import type { KernelTarget } from "../target.js";
import { type Nest, simplify } from "./nest.js";
import { writeStrided } from "./strided-loops.js";

/** Pixels of a border: from row and column (negative above and to the left), and how many. */
interface Border {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Above, below, left and right; rows above and below take the corners. */
function bordersOf(layout: Layout): Border[] {
  const { height, width, halo } = featureMap(layout);
  const { top, left, bottom, right } = halo;
  const all = { column: -left, columns: left + width + right };
  const beside = { row: 0, rows: height };
  return [
    { row: -top, rows: top, ...all },
    { row: height, rows: bottom, ...all },
    { column: -left, columns: left, ...beside },
    { column: width, columns: right, ...beside },
  ].filter(({ rows, columns }) => rows * columns > 0);
}

/** Where the right halo of each row runs on into the left halo of the next: runs instead of columns. */
function runsOf(layout: Layout): Border[] | undefined {
  const { height, width, halo, rowStride, pixelStride } = featureMap(layout);
  const { top, left, bottom, right } = halo;
  const columns = left + width + right;
  if (rowStride !== columns * pixelStride) return undefined;
  return [
    { row: -top, column: -left, rows: 1, columns: top * columns + left },
    { row: 0, column: width, rows: height - 1, columns: right + left },
    { row: height - 1, column: width, rows: 1, columns: right + bottom * columns },
  ].filter((run) => run.rows * run.columns > 0);
}

/**
 * Writes zeros around each image of a rank-4 layout: parameter `at`, the address of element 0. Only the
 * value's own channels are written, so the halo of a part of a wider buffer is the part's alone.
 */
export function haloFill(layout: Layout, target: KernelTarget): LoopFunction {
  const { images, channels, imageStride, channelStride, rowStride, pixelStride, halo } =
    featureMap(layout);
  const { top, left, bottom, right } = halo;
  const f = new FunctionBuilder(
    `halo_${layout.type.shape.join("x")}`,
    `zeros around ${printType(layout.type)}: ${top} above, ${left} left, ${bottom} below, ${right} right`,
  );
  const at = f.param("at", "floats");
  for (const border of runsOf(layout) ?? bordersOf(layout)) {
    const nest: Nest = {
      extents: [images, border.rows, border.columns, channels],
      operands: [
        {
          offset: border.row * rowStride + border.column * pixelStride,
          strides: [imageStride, rowStride, pixelStride, channelStride],
        },
      ],
    };
    writeStrided(f, target, simplify(nest), [at], (_, v) => v.constant(0));
  }
  return f.done();
}
