import { type Matrix, matrixOf, normOf } from "./matrix.js";

/** Rounding and small pivots blow errors up; this much is taken as certainly more than that. */
const margin = 1000;

/**
 * Whether a matrix is clearly of a higher rank than `rank`: whether Gaussian elimination with row pivoting finds
 * more pivots than that. Cheap, since a part of `rank` + a few rows and columns of a matrix tells for the whole: no
 * part has a higher rank. A pivot must be more than `margin` times the tolerance, measured by the usual size
 * of a number, so false tells nothing.
 */
export function exceedsByElimination(matrix: Matrix, rank: number, tolerance: number): boolean {
  const { rows, columns } = matrix;
  const usual = normOf(matrix.data) / Math.sqrt(rows * columns);
  const least = margin * tolerance * usual;
  if (!(least > 0)) return false;
  const { data } = matrixOf(rows, columns, matrix.data);
  let pivots = 0;
  for (let column = 0; column < columns && pivots < rows; column++) {
    const row = largestBelow(data, columns, pivots, column);
    if (Math.abs(data[row * columns + column]!) <= least) continue;
    pivots++;
    if (pivots > rank) return true;
    swapRows(data, columns, [pivots - 1, row], column);
    eliminate(data, columns, pivots - 1, column);
  }
  return false;
}

/** Multiply-accumulates of elimination down to a rank, each counted three times: they read and write all they meet. */
export const workOfElimination = (rows: number, columns: number, rank: number): number =>
  Math.min(rank, rows, columns) * rows * columns;

/** The row with the largest number of a column, from a row on. */
function largestBelow(data: Float64Array, columns: number, from: number, column: number): number {
  let [largest, found] = [-1, from];
  for (let at = from * columns + column, row = from; at < data.length; at += columns, row++) {
    const size = Math.abs(data[at]!);
    if (size > largest) [largest, found] = [size, row];
  }
  return found;
}

/** From a column on: what stands before it is not read again. */
function swapRows(data: Float64Array, columns: number, [a, b]: Pair, from: number): void {
  if (a === b) return;
  for (let column = from; column < columns; column++) {
    const kept = data[a * columns + column]!;
    data[a * columns + column] = data[b * columns + column]!;
    data[b * columns + column] = kept;
  }
}

type Pair = readonly [number, number];

/** Takes a row from those below, so that they are zero in a column. */
function eliminate(data: Float64Array, columns: number, row: number, column: number): void {
  const top = row * columns;
  const pivot = data[top + column]!;
  for (let at = top + columns; at < data.length; at += columns) {
    const factor = data[at + column]! / pivot;
    for (let i = column + 1; i < columns; i++) data[at + i]! -= factor * data[top + i]!;
  }
}
