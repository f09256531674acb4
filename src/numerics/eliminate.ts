import { type Matrix, matrixOf, normOf, rowOf } from "./matrix.js";

/** Rounding and small pivots blow errors up; this much is taken as certainly more than that. */
const margin = 1000;

/**
 * Whether a matrix is clearly of a higher rank than `rank`, by Gaussian elimination with complete pivoting: after
 * that many steps nothing is left of a matrix of that rank. Cheap, since a part of `rank` + a few rows and
 * columns of a matrix tells for the whole: no part has a higher rank. What is left must be more than `margin`
 * times the tolerance, so false tells nothing.
 */
export function exceedsByElimination(matrix: Matrix, rank: number, tolerance: number): boolean {
  const size = normOf(matrix.data);
  if (!Number.isFinite(size) || size === 0) return false;
  const left = matrixOf(matrix.rows, matrix.columns, matrix.data);
  const enough = margin * tolerance * size;
  let pivot = largestFrom(left, 0);
  for (let step = 0; step < rank; step++) {
    if (step >= Math.min(left.rows, left.columns) || pivot.size <= enough) return false;
    swapRows(left, step, pivot.row);
    swapColumns(left, step, pivot.column);
    pivot = eliminate(left, step);
  }
  return pivot.size > enough;
}

/** Multiply-accumulates of `rank` steps on rows and columns. */
export const workOfElimination = (rows: number, columns: number, rank: number): number =>
  (Math.min(rank, rows, columns) * rows * columns) / 2;

interface Pivot {
  readonly size: number;
  readonly row: number;
  readonly column: number;
}

/** The largest element of the lower right part that begins at a place of the diagonal. */
function largestFrom(matrix: Matrix, from: number): Pivot {
  let best: Pivot = { size: 0, row: from, column: from };
  for (let row = from; row < matrix.rows; row++) {
    const numbers = rowOf(matrix, row);
    for (let column = from; column < matrix.columns; column++) {
      const size = Math.abs(numbers[column]!);
      if (size > best.size) best = { size, row, column };
    }
  }
  return best;
}

function swapRows(matrix: Matrix, a: number, b: number): void {
  if (a === b) return;
  const kept = rowOf(matrix, a).slice();
  rowOf(matrix, a).set(rowOf(matrix, b));
  rowOf(matrix, b).set(kept);
}

function swapColumns({ rows, columns, data }: Matrix, a: number, b: number): void {
  for (let at = 0; at < rows * columns; at += columns) {
    const kept = data[at + a]!;
    data[at + a] = data[at + b]!;
    data[at + b] = kept;
  }
}

/** Takes the row of a step from those below, and finds the largest number that is left. */
function eliminate(matrix: Matrix, step: number): Pivot {
  const { rows, columns, data } = matrix;
  const top = step * columns;
  const pivot = data[top + step]!;
  let [size, row, column] = [0, step + 1, step + 1];
  for (let below = step + 1; below < rows; below++) {
    const at = below * columns;
    const factor = data[at + step]! / pivot;
    for (let i = step + 1; i < columns; i++) {
      const rest = data[at + i]! - factor * data[top + i]!;
      data[at + i] = rest;
      const own = rest < 0 ? -rest : rest;
      if (own > size) {
        size = own;
        row = below;
        column = i;
      }
    }
  }
  return { size, row, column };
}
