import { addScaled, dot, type Matrix, matrixOf, rowOf } from "./matrix.js";

/**
 * The rows x with x · G = rhs for a symmetric positive definite G, of which the lower triangle is read: one
 * for each row of `rhs`. Undefined when G is not positive definite to rounding, or not finite.
 *
 * By Cholesky's G = L · Lᵀ. Ours rather than ml-matrix's: 1.2 to 1.9 times as fast at 576 with 64 right-hand sides, and
 * without its 0.1 s of loading.
 */
export function solvePositive(matrix: Matrix, rhs: Matrix): Matrix | undefined {
  const lower = factorPositive(matrix);
  if (!lower) return undefined;
  const solution = matrixOf(rhs.rows, rhs.columns, rhs.data);
  for (let row = 0; row < rhs.rows; row++) substitute(lower, rowOf(solution, row));
  return solution;
}

/** Multiply-accumulates that `solvePositive` takes, for n unknowns. */
export const workOfSolve = (n: number, rightHandSides: number): number =>
  n ** 3 / 6 + rightHandSides * n * n;

/** L, lower triangular. */
function factorPositive({ columns: n, data }: Matrix): Matrix | undefined {
  const lower = matrixOf(n, n);
  for (let row = 0; row < n; row++) {
    const numbers = rowOf(lower, row);
    for (let column = 0; column < row; column++) {
      const before = lower.data.subarray(column * n, column * n + column);
      const rest = data[row * n + column]! - dot(before, numbers);
      numbers[column] = rest / lower.data[column * n + column]!;
    }
    const before = numbers.subarray(0, row);
    const square = data[row * n + row]! - dot(before, before);
    if (!(square > 0 && square < Number.POSITIVE_INFINITY)) return undefined;
    numbers[row] = Math.sqrt(square);
  }
  return lower;
}

/** Solves L · Lᵀ · x = b in place. */
function substitute(lower: Matrix, x: Float64Array): void {
  const n = x.length;
  for (let row = 0; row < n; row++) {
    const before = lower.data.subarray(row * n, row * n + row);
    x[row] = (x[row]! - dot(before, x)) / lower.data[row * n + row]!;
  }
  for (let row = n - 1; row >= 0; row--) {
    const before = lower.data.subarray(row * n, row * n + row);
    x[row]! /= lower.data[row * n + row]!;
    addScaled(x.subarray(0, row), -x[row]!, before);
  }
}
