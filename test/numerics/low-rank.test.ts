import fc from "fast-check";
import { expect, test } from "vitest";
import { type LowRank, rankExceeds, truncate, truncateTo } from "../../src/numerics/low-rank.js";
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

const random = (rows: number, columns: number, seed: number): Matrix =>
  matrixOf(rows, columns, noise(rows * columns, seed));

/** A matrix of a rank, rounded to float32 as weights are. */
const ofRank = (rows: number, columns: number, rank: number, seed: number): Matrix =>
  matrixOf(
    rows,
    columns,
    Float32Array.from(multiply(random(rows, rank, seed), random(rank, columns, seed + 1)).data),
  );

const errorOf = ({ left, right }: LowRank, matrix: Matrix): number =>
  relativeError(multiply(left, right).data, matrix.data);

test("a rank is found through the rounding of weights, whichever side is longer", () => {
  const sides = fc.integer({ min: 6, max: 30 });
  fc.assert(
    fc.property(
      sides,
      sides,
      fc.integer({ min: 1, max: 5 }),
      fc.nat(),
      (rows, columns, rank, seed) => {
        const matrix = ofRank(rows, columns, rank, seed);
        const found = truncate(matrix, 1e-6, 6)!;
        expect(found.rank).toBe(rank);
        expect(found.residual).toBeLessThan(1e-7);
        expect(errorOf(found, matrix)).toBeLessThan(1e-7);
        expect([found.left.rows, found.left.columns]).toEqual([rows, rank]);
        expect([found.right.rows, found.right.columns]).toEqual([rank, columns]);
      },
    ),
    { seed: 8, numRuns: 40 },
  );
});

test("residuals are the tails of the singular values", () => {
  const matrix = matrixOf(6, 4, lcg(2, 24));
  const values = [1.6653489685563567, 1.5489064861752568, 0.9433087243796613, 0.5720841298662731];
  const whole = Math.hypot(...values);
  for (let rank = 1; rank < 4; rank++) {
    const found = truncateTo(matrix, rank)!;
    expect(found.rank).toBe(rank);
    expect(Math.abs(found.residual - Math.hypot(...values.slice(rank)) / whole)).toBeLessThan(
      1e-12,
    );
    expect(errorOf(found, matrix)).toBeCloseTo(found.residual, 12);
  }
});

test("the smallest rank within the tolerance is taken, or none", () => {
  const matrix = random(12, 9, 3);
  const exact = truncateTo(matrix, 5)!.residual;
  expect(truncate(matrix, exact * 1.0001, 9)!.rank).toBe(5);
  expect(truncate(matrix, exact * 0.9999, 9)!.rank).toBe(6);
  expect(truncate(matrix, exact * 0.9999, 5)).toBeUndefined();
  expect(truncateTo(matrix, 40)!.rank).toBe(9);
});

test("both factors are equally long, direction by direction", () => {
  const { left, right } = truncateTo(random(8, 20, 4), 3)!;
  const lengths = (matrix: Matrix) => [0, 1, 2].map((r) => gram(matrix).data[r * 3 + r]!);
  lengths(transpose(left)).forEach((length, r) => {
    expect(length).toBeCloseTo(lengths(right)[r]!, 10);
  });
});

test("nothing is found in a matrix that is not finite, and one direction in an empty one", () => {
  const broken = matrixOf(2, 3, [1, 2, 3, Number.NaN, 5, 6]);
  expect(truncate(broken, 0.5, 2)).toBeUndefined();
  expect(rankExceeds(broken, 1, 0.5)).toBe(true);
  const found = truncate(matrixOf(3, 2), 1e-6, 2)!;
  expect([found.rank, found.residual]).toEqual([1, 0]);
  expect([...found.left.data, ...found.right.data].every((x) => x === 0)).toBe(true);
});

test("random matrices are out of the reach of low ranks, matrices of the rank are not", () => {
  expect(rankExceeds(random(40, 60, 1), 12, 1e-6)).toBe(true);
  expect(rankExceeds(random(60, 40, 1), 12, 0.05)).toBe(true);
  expect(rankExceeds(ofRank(40, 60, 12, 1), 12, 1e-6)).toBe(false);
  expect(rankExceeds(ofRank(60, 40, 13, 1), 12, 1e-6)).toBe(false);
});

test("what the cheap test rejects, no truncation reaches", () => {
  const cases = fc.record({
    rank: fc.integer({ min: 1, max: 20 }),
    noise: fc.constantFrom(0, 1e-5, 1e-2, 0.3),
    tolerance: fc.constantFrom(1e-6, 1e-3, 0.02, 0.1),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(cases, ({ rank, noise: amount, tolerance, seed }) => {
      const low = ofRank(36, 48, rank, seed);
      const extra = random(36, 48, seed + 9);
      const matrix = matrixOf(
        36,
        48,
        low.data.map((x, at) => x + amount * extra.data[at]!),
      );
      if (rankExceeds(matrix, 10, tolerance))
        expect(truncate(matrix, tolerance, 10)).toBeUndefined();
    }),
    { seed: 5, numRuns: 60 },
  );
});
