import { eigenSymmetric } from "./eigen.js";
import { gram, type Matrix, matrixOf, multiply, normOf, rowOf, transpose } from "./matrix.js";
import { solvePositive } from "./positive.js";

/** The share of a covariance that is replaced by what has no direction, unless told. */
const usualShrinkage = 0.1;

/**
 * (1 − λ) · C + λ · tr(C) / n · I: a covariance that trusts its samples less, since there are never enough of
 * them. With λ = 1 fits become those of the plain weights.
 */
export function shrink(covariance: Matrix, share = usualShrinkage): Matrix {
  const n = covariance.columns;
  const scaled = matrixOf(n, n, covariance.data);
  let trace = 0;
  for (let i = 0; i < n; i++) trace += scaled.data[i * n + i]!;
  for (let at = 0; at < scaled.data.length; at++) scaled.data[at]! *= 1 - share;
  for (let i = 0; i < n; i++) scaled.data[i * n + i]! += (share * trace) / n;
  return scaled;
}

/** C^½ and C^−½, both symmetric. */
export interface Whitening {
  readonly root: Matrix;
  readonly inverse: Matrix;
}

/**
 * The roots of a covariance. Directions with less than 1e-12 of the largest variance are taken as never met:
 * both roots are zero along them.
 */
export function whiten(covariance: Matrix): Whitening {
  const { values, vectors } = eigenSymmetric(covariance);
  const least = 1e-12 * (values[0] ?? 0);
  const met = (value: number) => value > least && value > 0;
  const n = covariance.columns;
  const along = (power: (value: number) => number): Matrix => {
    const scaled = vectors.data.map((x, at) => {
      const value = values[Math.floor(at / n)]!;
      return met(value) ? x * power(value) : 0;
    });
    return multiply(transpose(vectors), { rows: n, columns: n, data: scaled });
  };
  return { root: along(Math.sqrt), inverse: along((value) => 1 / Math.sqrt(value)) };
}

/** M = left · right, in the order of what each column of one and row of the other add. */
export interface OrderedProduct {
  /** `[rows, all]`, column r as long as row r of `right`. */
  readonly left: Matrix;
  /** `[all, columns]`. */
  readonly right: Matrix;
  /** The variance that each adds, descending: what is lost without it. */
  readonly values: Float64Array;
}

/** A share of the largest variance that is noise of the eigenvalues. */
const noise = 1e-13;

/**
 * A matrix as products for rows that meet the covariance C: no product of rank r loses less of it than the first r
 * columns and rows,
 *
 *   A · B minimises tr((A · B − M)ᵀ · C · (A · B − M)).
 *
 * With C^½ · M = U · S · Vᵀ these are C^−½ · U · S^½ and S^½ · Vᵀ, but for lengths. Where M has no more columns than
 * rows, M · V needs no root. What adds nothing is zero on both sides.
 */
export function orderedProduct(matrix: Matrix, covariance: Matrix): OrderedProduct {
  const { values, left, right } =
    matrix.columns <= matrix.rows
      ? fromTheRight(matrix, covariance)
      : fromTheLeft(matrix, covariance);
  const least = noise * (values[0] ?? 0);
  for (let r = 0; r < values.length; r++) {
    const [column, row] = [rowOf(left, r), rowOf(right, r)];
    const scale = values[r]! > least ? Math.sqrt(normOf(row) / normOf(column)) : 0;
    for (let at = 0; at < column.length; at++) column[at]! *= scale;
    for (let at = 0; at < row.length; at++) row[at] = scale === 0 ? 0 : row[at]! / scale;
  }
  return { left: transpose(left), right, values: values.map((value) => Math.max(0, value)) };
}

/** Columns of the left factor as rows, and the right factor, of no particular length. */
interface Sides {
  readonly values: Float64Array;
  readonly left: Matrix;
  readonly right: Matrix;
}

function fromTheRight(matrix: Matrix, covariance: Matrix): Sides {
  const turned = transpose(matrix);
  const { values, vectors } = eigenSymmetric(multiply(multiply(turned, covariance), matrix));
  return { values, left: multiply(vectors, turned), right: vectors };
}

function fromTheLeft(matrix: Matrix, covariance: Matrix): Sides {
  const { root, inverse } = whiten(covariance);
  const met = multiply(root, matrix);
  const { values, vectors } = eigenSymmetric(gram(met));
  return { values, left: multiply(vectors, inverse), right: multiply(vectors, met) };
}

/**
 * The best last stage on features z = F · p of patches p for what W makes of the patches:
 *
 *   K = W · C · Fᵀ · (F · C · Fᵀ)⁻¹  minimises  tr((K · F − W) · C · (K · F − W)ᵀ)
 *
 * with W `[outputs, n]`, F `[features, n]` and C `[n, n]`. Undefined when features depend on each other.
 */
export function refit(weight: Matrix, features: Matrix, covariance: Matrix): Matrix | undefined {
  const met = multiply(features, covariance);
  const turned = transpose(met);
  return solvePositive(multiply(features, turned), multiply(weight, turned));
}

/** (W − K) · μ: what a bias gains when K stands in for W, so that results keep their mean. */
export function biasCorrection(weight: Matrix, instead: Matrix, mean: Float64Array): Float64Array {
  const { rows, columns, data } = weight;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let at = 0; at < columns; at++) {
      sum += (data[row * columns + at]! - instead.data[row * columns + at]!) * mean[at]!;
    }
    return sum;
  });
}

/** tr(M · C · Mᵀ): the variance of M · p over all rows, which is how large an error M of weights shows. */
export function variance(matrix: Matrix, covariance: Matrix): number {
  const met = multiply(matrix, covariance);
  return matrix.data.reduce((sum, x, at) => sum + x * met.data[at]!, 0);
}
