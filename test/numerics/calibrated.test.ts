import { describe, expect, test } from "vitest";
import {
  biasCorrection,
  type OrderedProduct,
  orderedProduct,
  refit,
  shrink,
  variance,
  whiten,
} from "../../src/numerics/calibrated.js";
import { eigenSymmetric } from "../../src/numerics/eigen.js";
import {
  gram,
  type Matrix,
  matrixOf,
  multiply,
  normOf,
  relativeError,
  transpose,
} from "../../src/numerics/matrix.js";
import { lcg } from "../support/lcg.js";
import { noise } from "../support/noise.js";

const lcgMatrix = (rows: number, columns: number, seed: number): Matrix =>
  matrixOf(rows, columns, lcg(seed, rows * columns));
const minus = (a: Matrix, b: Matrix): Matrix => ({
  ...a,
  data: a.data.map((x, at) => x - b.data[at]!),
});

/** Second moments of rows. */
const momentsOf = (rows: Matrix): Matrix => {
  const products = gram(transpose(rows));
  return { ...products, data: products.data.map((x) => x / rows.rows) };
};

test("a fit to data of low rank is exact on them and nowhere else", () => {
  const patches = multiply(lcgMatrix(400, 3, 20), lcgMatrix(3, 8, 21));
  const weight = lcgMatrix(6, 8, 22);
  const seen = multiply(multiply(weight, momentsOf(patches)), transpose(weight));
  const most = matrixOf(3, 6, eigenSymmetric(seen).vectors.data.subarray(0, 18));
  const instead = multiply(multiply(transpose(most), most), weight);
  const outputsOf = (kernel: Matrix, inputs: Matrix) => multiply(inputs, transpose(kernel)).data;
  expect(relativeError(outputsOf(instead, patches), outputsOf(weight, patches))).toBeLessThan(1e-6);
  expect(relativeError(instead.data, weight.data)).toBeCloseTo(0.6294683736427422, 6);
  const others = matrixOf(400, 8, noise(3200, 9));
  expect(relativeError(outputsOf(instead, others), outputsOf(weight, others))).toBeGreaterThan(0.5);
});

test("whitening gives roots that undo each other", () => {
  const covariance = gram(matrixOf(5, 9, noise(45, 2)));
  const { root, inverse } = whiten(covariance);
  expect(relativeError(multiply(root, root).data, covariance.data)).toBeLessThan(1e-12);
  const one = multiply(root, inverse);
  one.data.forEach((x, at) => {
    expect(x).toBeCloseTo(at % 6 === 0 ? 1 : 0, 9);
  });
});

test("a refit is better than any other last stage, on the data", () => {
  const patches = matrixOf(200, 6, noise(1200, 4));
  const covariance = momentsOf(patches);
  const [weight, features] = [matrixOf(4, 6, noise(24, 5)), matrixOf(3, 6, noise(18, 6))];
  const best = refit(weight, features, covariance)!;
  const errorOf = (last: Matrix) => variance(minus(multiply(last, features), weight), covariance);
  for (let seed = 10; seed < 20; seed++) {
    const nudge = noise(12, seed, -0.01, 0.01);
    const other = { ...best, data: best.data.map((x, at) => x + nudge[at]!) };
    expect(errorOf(other)).toBeGreaterThan(errorOf(best));
  }
  const error = multiply(patches, transpose(minus(multiply(best, features), weight)));
  expect(errorOf(best)).toBeCloseTo(error.data.reduce((sum, x) => sum + x * x, 0) / 200, 10);
  expect(refit(weight, matrixOf(2, 6), covariance)).toBeUndefined();
});

test("shrinking keeps the trace, and all of it leaves no direction", () => {
  const covariance = gram(matrixOf(3, 5, noise(15, 8)));
  const trace = (matrix: Matrix) => matrix.data[0]! + matrix.data[4]! + matrix.data[8]!;
  const shrunk = shrink(covariance);
  expect(trace(shrunk)).toBeCloseTo(trace(covariance), 12);
  expect(shrunk.data[1]).toBeCloseTo(0.9 * covariance.data[1]!, 12);
  expect(shrunk.data[0]).toBeCloseTo(0.9 * covariance.data[0]! + (0.1 * trace(covariance)) / 3, 12);
  const flat = shrink(covariance, 1);
  expect([flat.data[1], flat.data[0]]).toEqual([0, flat.data[8]]);
});

test("a bias makes up for what the mean loses", () => {
  const [weight, instead] = [matrixOf(2, 2, [1, 2, 3, 4]), matrixOf(2, 2, [1, 1, 1, 1])];
  expect([...biasCorrection(weight, instead, Float64Array.of(10, 100))]).toEqual([100, 320]);
});

describe("products in the order of what they add", () => {
  /** C^−½ · U · Uᵀ · C^½ · M for the first eigenvectors U of C^½ · M · Mᵀ · C^½. */
  const closest = (matrix: Matrix, covariance: Matrix, rank: number): Matrix => {
    const { root, inverse } = whiten(covariance);
    const met = multiply(root, matrix);
    const { vectors } = eigenSymmetric(gram(met));
    const first = matrixOf(rank, matrix.rows, vectors.data.subarray(0, rank * matrix.rows));
    return multiply(multiply(inverse, transpose(first)), multiply(first, met));
  };
  const cut = ({ left, right }: OrderedProduct, rank: number): Matrix =>
    multiply(
      transpose(matrixOf(rank, left.rows, transpose(left).data.subarray(0, rank * left.rows))),
      matrixOf(rank, right.columns, right.data.subarray(0, rank * right.columns)),
    );

  test.each([
    [4, 7],
    [7, 4],
    [5, 5],
  ])(
    "%i by %i: cut to a rank they are the closest for the covariance, all together the matrix",
    (rows, columns) => {
      const matrix = matrixOf(rows, columns, noise(rows * columns, 3));
      const covariance = gram(matrixOf(rows, 12, noise(rows * 12, 4)));
      const product = orderedProduct(matrix, covariance);
      const errorOf = (other: Matrix) => variance(transpose(minus(other, matrix)), covariance);
      for (const rank of [1, 2, 3]) {
        const own = cut(product, rank);
        expect(relativeError(own.data, closest(matrix, covariance, rank).data)).toBeLessThan(1e-9);
        const rest = product.values.subarray(rank).reduce((sum, value) => sum + value, 0);
        expect(errorOf(own)).toBeCloseTo(rest, 9);
      }
      const all = Math.min(rows, columns);
      expect(relativeError(cut(product, all).data, matrix.data)).toBeLessThan(1e-10);
      for (let r = 0; r < all; r++) {
        const column = transpose(product.left).data.subarray(r * rows, (r + 1) * rows);
        const row = product.right.data.subarray(r * columns, (r + 1) * columns);
        expect(normOf(column) / normOf(row)).toBeCloseTo(1, 9);
      }
    },
  );

  test("what adds nothing is zero on both sides", () => {
    const matrix = multiply(matrixOf(5, 2, noise(10, 1)), matrixOf(2, 6, noise(12, 2)));
    for (const own of [matrix, transpose(matrix)]) {
      const covariance = gram(matrixOf(own.rows, 9, noise(own.rows * 9, 5)));
      const { left, right, values } = orderedProduct(own, covariance);
      expect(
        transpose(left)
          .data.subarray(2 * own.rows)
          .every((x) => x === 0),
      ).toBe(true);
      expect(right.data.subarray(2 * own.columns).every((x) => x === 0)).toBe(true);
      expect(values[1]).toBeGreaterThan(0.01);
      const nothing = orderedProduct(matrixOf(own.rows, own.columns), covariance);
      expect([...nothing.left.data, ...nothing.right.data].every((x) => x === 0)).toBe(true);
    }
  });
});
