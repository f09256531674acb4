import { eigenSymmetric } from "./eigen.js";
import { type Matrix, matrixOf, multiply, transpose } from "./matrix.js";
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

/**
 * The best last stage on features z = F · p of patches p for what W makes of the patches:
 *
 *   K = W · C · Fᵀ · (F · C · Fᵀ)⁻¹  minimises  tr((K · F − W) · C · (K · F − W)ᵀ)
 *
 * with W `[outputs, n]`, F `[features, n]` and C `[n, n]`. Undefined when features depend on each other.
 */
export function refit(weight: Matrix, features: Matrix, covariance: Matrix): Matrix | undefined {
  const met = multiply(features, covariance);
  const products = multiply(met, transpose(features));
  return solvePositive(products, multiply(weight, transpose(met)));
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
