import { eigenSymmetric, workOfEigen } from "./eigen.js";
import {
  addScaled,
  dot,
  gram,
  type Matrix,
  matrixOf,
  multiply,
  normOf,
  rowOf,
  transpose,
} from "./matrix.js";
import { normal } from "./normal.js";

/** M ≈ left · right. */
export interface LowRank {
  readonly rank: number;
  /** `[rows, rank]`; column r is as long as row r of `right`. */
  readonly left: Matrix;
  /** `[rank, columns]`. */
  readonly right: Matrix;
  /** |M − left · right| / |M| in the Frobenius norm, computed from that difference. */
  readonly residual: number;
}

/**
 * The product of the smallest rank that lies within a relative tolerance of a matrix, or undefined when
 * even `mostRank` does not. The rank is at least 1. No product of that rank is closer (Eckart and Young).
 *
 * Found from the eigenvectors of the smaller of M·Mᵀ and Mᵀ·M. Their small eigenvalues lose everything
 * below 1e-8 of the largest singular value; so the residual is that of the projected matrix itself. Who
 * rounds the factors to float32 has to measure again.
 */
export function truncate(matrix: Matrix, tolerance: number, mostRank: number): LowRank | undefined {
  return project(matrix, mostRank, (residual) => residual <= tolerance);
}

/** The closest product of a rank, which is cut to the smaller side of the matrix; undefined unless all is finite. */
export const truncateTo = (matrix: Matrix, rank: number): LowRank | undefined =>
  project(matrix, rank, (_, reached) => reached === Math.min(rank, matrix.rows, matrix.columns));

/** Multiply-accumulates that `truncate` takes, roughly. */
export function workOfTruncate(rows: number, columns: number, mostRank: number): number {
  const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
  return (few * few * many) / 2 + workOfEigen(few) + 3 * Math.min(few, mostRank) * few * many;
}

/** Projects onto one eigenvector after the other until it is enough. */
function project(
  matrix: Matrix,
  mostRank: number,
  isEnough: (residual: number, rank: number) => boolean,
): LowRank | undefined {
  if (matrix.rows > matrix.columns) {
    const turned = project(transpose(matrix), mostRank, isEnough);
    return turned && { ...turned, left: transpose(turned.right), right: transpose(turned.left) };
  }
  const size = normOf(matrix.data);
  if (!Number.isFinite(size)) return undefined;
  const { vectors } = eigenSymmetric(gram(matrix));
  const left = matrixOf(matrix.rows, matrix.columns, matrix.data);
  for (let rank = 1; rank <= Math.min(mostRank, matrix.rows); rank++) {
    const residual = removeDirection(left, rowOf(vectors, rank - 1)) / (size || 1);
    if (isEnough(residual, rank)) return { rank, ...factors(matrix, vectors, rank), residual };
  }
  return undefined;
}

/** M ← M − u · uᵀ · M; the norm of what is left. */
function removeDirection(matrix: Matrix, direction: Float64Array): number {
  const along = alongDirection(matrix, direction);
  let squares = 0;
  for (let row = 0; row < matrix.rows; row++) {
    const numbers = rowOf(matrix, row);
    addScaled(numbers, -direction[row]!, along);
    squares += dot(numbers, numbers);
  }
  return Math.sqrt(squares);
}

/** uᵀ · M. */
function alongDirection(matrix: Matrix, direction: Float64Array): Float64Array {
  const along = new Float64Array(matrix.columns);
  for (let row = 0; row < matrix.rows; row++) addScaled(along, direction[row]!, rowOf(matrix, row));
  return along;
}

/** U · √σ and Uᵀ · M / √σ for the first eigenvectors: both sides are equally long, best for float32. */
function factors(matrix: Matrix, vectors: Matrix, rank: number): { left: Matrix; right: Matrix } {
  const turned = matrixOf(rank, matrix.rows, vectors.data.subarray(0, rank * matrix.rows));
  const right = multiply(turned, matrix);
  for (let r = 0; r < rank; r++) {
    const root = Math.sqrt(normOf(rowOf(right, r)));
    rowOf(turned, r).forEach((x, at, row) => {
      row[at] = x * root;
    });
    rowOf(right, r).forEach((x, at, row) => {
      row[at] = root === 0 ? 0 : x / root;
    });
  }
  return { left: transpose(turned), right };
}

/** Probes more than the rank that is asked about: the usual number of the randomised range finder. */
const spare = 8;

/**
 * Whether a matrix is certainly out of a rank's reach within a relative tolerance: a cheap test before
 * `truncate`. The matrix is projected onto the span of `rank` + 8 random combinations of its columns. On
 * average that leaves √(1 + rank / 7) times what the best projection of that rank leaves (Halko,
 * Martinsson and Tropp 2011, theorem 10.5); four times that is taken as certain. False tells nothing.
 */
export function rankExceeds(matrix: Matrix, rank: number, tolerance: number): boolean {
  if (matrix.rows > matrix.columns) return rankExceeds(transpose(matrix), rank, tolerance);
  const size = normOf(matrix.data);
  if (!Number.isFinite(size)) return true;
  const probes = rank + spare;
  if (size === 0 || probes >= matrix.rows) return false;
  const left = matrixOf(matrix.rows, matrix.columns, matrix.data);
  let rest = size;
  for (const direction of rangeOf(matrix, probes)) rest = removeDirection(left, direction);
  return rest / size > 4 * Math.sqrt(1 + rank / (spare - 1)) * tolerance;
}

/** Multiply-accumulates that `rankExceeds` takes, roughly. */
export const workOfRankTest = (rows: number, columns: number, rank: number): number =>
  4 * rows * columns * Math.min(rank + spare, rows, columns);

/** Orthonormal directions that span random combinations of the columns; fewer when those are dependent. */
function rangeOf(matrix: Matrix, count: number): Float64Array[] {
  const probes = transpose(
    multiply(matrix, matrixOf(matrix.columns, count, normal(matrix.columns * count, 12345))),
  );
  const directions: Float64Array[] = [];
  for (let at = 0; at < count; at++) {
    const probe = rowOf(probes, at);
    const length = normOf(probe);
    for (let again = 0; again < 2; again++) {
      for (const direction of directions) addScaled(probe, -dot(direction, probe), direction);
    }
    const rest = normOf(probe);
    if (rest <= 1e-13 * length) break;
    directions.push(probe.map((x) => x / rest));
  }
  return directions;
}
