import fc from "fast-check";
import { expect, test } from "vitest";
import { eigenSymmetric } from "../../src/numerics/eigen.js";
import {
  gram,
  type Matrix,
  matrixOf,
  multiply,
  relativeError,
  transpose,
} from "../../src/numerics/matrix.js";
import { lcg } from "../support/lcg.js";
import { noise } from "../support/noise.js";

const square = (n: number, seed: number): Matrix => {
  const some = matrixOf(n, n, noise(n * n, seed));
  const turned = transpose(some);
  return matrixOf(
    n,
    n,
    some.data.map((x, at) => x + turned.data[at]!),
  );
};

const diagonal = (values: ArrayLike<number>): Matrix =>
  matrixOf(
    values.length,
    values.length,
    Float64Array.from({ length: values.length ** 2 }, (_, at) =>
      at % (values.length + 1) === 0 ? values[at / (values.length + 1)]! : 0,
    ),
  );

/** Vᵀ · Λ · V. */
const compose = ({ values, vectors }: ReturnType<typeof eigenSymmetric>): Matrix =>
  multiply(transpose(vectors), multiply(diagonal(values), vectors));

const expectEigenOf = (matrix: Matrix): void => {
  const eigen = eigenSymmetric(matrix);
  const n = matrix.rows;
  const scale = matrix.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-300);
  const errors = compose(eigen).data.map((x, at) => Math.abs(x - matrix.data[at]!));
  expect(errors.reduce((most, x) => Math.max(most, x))).toBeLessThanOrEqual(1e-13 * n * scale);
  const ones = diagonal(new Array<number>(n).fill(1));
  expect(relativeError(gram(eigen.vectors).data, ones.data)).toBeLessThan(1e-13);
  expect([...eigen.values]).toEqual([...eigen.values].sort((a, b) => b - a));
};

test("the eigenvalues of M·Mᵀ are the squares of the singular values of M", () => {
  const matrix = matrixOf(6, 4, lcg(2, 24));
  const roots = [...eigenSymmetric(gram(transpose(matrix))).values].map(Math.sqrt);
  [1.66534897, 1.54890649, 0.94330872, 0.57208413].forEach((wanted, at) => {
    expect(roots[at]).toBeCloseTo(wanted, 7);
  });
  [1.6653489685563567, 1.5489064861752568, 0.9433087243796613, 0.5720841298662731].forEach(
    (wanted, at) => {
      expect(Math.abs(roots[at]! - wanted)).toBeLessThan(1e-10);
    },
  );
});

test("vectors and values make the matrix again, of any size", () => {
  const sizes = fc.integer({ min: 1, max: 24 });
  fc.assert(
    fc.property(sizes, fc.nat(), (n, seed) => expectEigenOf(square(n, seed))),
    { seed: 4, numRuns: 60 },
  );
  expectEigenOf(square(97, 3));
});

test("matrices with repeated, zero and widely different eigenvalues are no exception", () => {
  expectEigenOf(diagonal([3, 3, 3]));
  expectEigenOf(diagonal([0, 0]));
  expectEigenOf(diagonal([1e-12, 5, -5, 1e12, 0]));
  expectEigenOf(gram(matrixOf(30, 3, noise(90, 5))));
  expectEigenOf(matrixOf(2, 2, [0, 1, 1, 0]));
  expectEigenOf(matrixOf(9, 9, new Float64Array(81).fill(2)));
});

test("a matrix with numbers that are not finite is the caller's fault", () => {
  expect(() => eigenSymmetric(matrixOf(2, 2, [1, Number.NaN, Number.NaN, 1]))).toThrow(
    "not finite",
  );
});

test("the generator of test numbers gives what expectations were computed from", () => {
  const first = [
    -0.5270889401435852, -0.2614586651325226, 0.008484064601361752, 0.4097665250301361,
  ];
  expect(lcg(1, 4)).toEqual(first);
});
