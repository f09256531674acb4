import type { Layout } from "../plan/layout.js";

/** Distances, in elements, between what neighbouring outputs touch in one map; 0 where it repeats. */
export interface Steps {
  readonly image: number;
  readonly row: number;
  readonly column: number;
}

/** A map read or written beside a result, with the distance of neighbouring channels (0 or 1). */
export interface ChannelSteps extends Steps {
  readonly channel: number;
}

/** The outputs that a kernel walks over, and how each of its maps lies along them. */
export interface Space {
  readonly images: number;
  readonly rows: number;
  readonly columns: number;
  readonly maps: readonly Steps[];
}

/** Where an operand lies under a result of rank 4 or 2, broadcast as in NumPy. */
export function stepsUnder(layout: Layout, shape: readonly number[]): ChannelSteps {
  const { strides, type } = layout;
  const stepOf = (axis: number): number => {
    const own = axis - shape.length + type.shape.length;
    return own < 0 || type.shape[own] === 1 ? 0 : (strides[own] ?? 0);
  };
  if (shape.length === 2) return { image: stepOf(0), channel: stepOf(1), row: 0, column: 0 };
  return { image: stepOf(0), channel: stepOf(1), row: stepOf(2), column: stepOf(3) };
}

/** Rows as one long row, where every map runs on from one row to the next. */
function joinRows(space: Space): Space {
  const { images, rows, columns, maps } = space;
  if (rows === 1 || !maps.every(({ row, column }) => row === columns * column)) return space;
  const joined = maps.map((map) => ({ ...map, row: rows * columns * map.column }));
  return { images, rows: 1, columns: rows * columns, maps: joined };
}

/** Images as one, where every map runs on from one image to the next. */
function joinImages(space: Space): Space {
  const { images, rows, columns, maps } = space;
  if (images === 1 || rows !== 1 || !maps.every(({ image, column }) => image === columns * column))
    return space;
  const joined = maps.map((map) => ({ ...map, image: images * map.image, row: 0 }));
  return { images: 1, rows: 1, columns: images * columns, maps: joined };
}

const shortestRow = 14;
/** Rows that any number of threads can share out nearly evenly. */
const manyRows = 16;

/**
 * One long row in rows of even length, so that ranges of rows can be shared out: in the shortest of a
 * multiple of `granule` columns that are many or an even number, else in others of these, else in an odd
 * number of rows.
 */
function cutRow(space: Space, granule: number): Space {
  const { columns, maps } = space;
  if (space.rows !== 1) return space;
  const lengths = Array.from({ length: columns >> 1 }, (_, i) => 2 * (i + 1)).filter(
    (length) => length >= shortestRow && length < columns && columns % length === 0,
  );
  const whole = lengths.filter((length) => length % granule === 0);
  const isEven = (length: number): boolean =>
    columns / length >= manyRows || (columns / length) % 2 === 0;
  const length = whole.find(isEven) ?? lengths.find(isEven) ?? whole[0];
  if (length === undefined) return space;
  const cut = maps.map((map) => ({ ...map, row: length * map.column }));
  return { ...space, rows: columns / length, columns: length, maps: cut };
}

/**
 * The same outputs in as few and as long rows as the maps allow, then in rows that threads can share out,
 * of a multiple of `granule` if possible: point-wise kernels lose no time at the ends of rows.
 */
export const flatten = (space: Space, granule: number): Space => {
  const joined = joinImages(joinRows(space));
  return joined === space ? space : cutRow(joined, granule);
};
