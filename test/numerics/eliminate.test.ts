import fc from "fast-check";
import { expect, test } from "vitest";
import { exceedsByElimination, workOfElimination } from "../../src/numerics/eliminate.js";
import { type Matrix, matrixOf, multiply, normOf } from "../../src/numerics/matrix.js";
import { noise } from "../support/noise.js";

const noisy = (rows: number, columns: number, seed: number): Matrix =>
  matrixOf(rows, columns, noise(rows * columns, seed));

/** A matrix of a rank, and a little of no rank at all. */
function ofRank(rows: number, columns: number, rank: number, seed: number, speck = 0): Matrix {
  const product = multiply(noisy(rows, rank, seed), noisy(rank, columns, seed + 1));
  const step = (speck * normOf(product.data)) / Math.sqrt(rows * columns);
  const grain = noise(rows * columns, seed + 2);
  return { ...product, data: product.data.map((x, at) => x + step * grain[at]!) };
}

test("a matrix never exceeds the rank that it has within the tolerance", () => {
  const size = fc.integer({ min: 1, max: 14 });
  const speck = fc.constantFrom(0, 1e-6, 1e-3);
  fc.assert(
    fc.property(size, size, fc.nat(12), speck, fc.nat(999), (rows, columns, most, speck, seed) => {
      const rank = Math.max(1, Math.min(most, rows, columns));
      const matrix = ofRank(rows, columns, rank, seed, speck);
      expect(exceedsByElimination(matrix, rank, Math.max(speck, 1e-9))).toBe(false);
      const below = matrixOf(
        rows,
        columns,
        matrix.data.map((x) => 1e-20 * x),
      );
      expect(exceedsByElimination(below, rank, Math.max(speck, 1e-9))).toBe(false);
    }),
    { numRuns: 300, seed: 3 },
  );
});

test("and clearly exceeds any lower one, wherever its zeros stand and whatever its size", () => {
  for (const [rows, columns, rank] of [
    [12, 9, 9],
    [9, 12, 9],
    [20, 20, 6],
    [3, 30, 2],
    [1, 5, 1],
  ] as const) {
    const matrix = ofRank(rows, columns, rank, rows + columns);
    const gapped = matrixOf(rows + 2, columns + 2);
    for (let row = 0; row < rows; row++) {
      const from = matrix.data.subarray(row * columns, (row + 1) * columns);
      gapped.data.set(
        from.map((x) => 1e12 * x),
        (rows + 1 - row) * gapped.columns + 2,
      );
    }
    for (const own of [matrix, gapped]) {
      expect(exceedsByElimination(own, rank - 1, 1e-9)).toBe(true);
      expect(exceedsByElimination(own, 0, 1e-9)).toBe(true);
      expect(exceedsByElimination(own, rank, 1e-9)).toBe(false);
    }
  }
});

test("rows are exchanged where a pivot is zero or small", () => {
  const turned = matrixOf(3, 3, [0, 1e-9, 1, 0, 2, 5, 3, 1, 1]);
  expect(exceedsByElimination(turned, 2, 1e-6)).toBe(true);
  const dependent = matrixOf(3, 3, [0, 2, 5, 3, 1, 1, 3, 3, 6]);
  expect(exceedsByElimination(dependent, 1, 1e-6)).toBe(true);
  expect(exceedsByElimination(dependent, 2, 1e-6)).toBe(false);
});

test("a pivot counts from a thousand times the tolerance of the usual number", () => {
  const usual = Math.sqrt((1 + 1e-8) / 4);
  const matrix = matrixOf(2, 2, [1, 0, 0, 1e-4]);
  expect(exceedsByElimination(matrix, 1, (0.99e-4 * 1e-3) / usual)).toBe(true);
  expect(exceedsByElimination(matrix, 1, (1.01e-4 * 1e-3) / usual)).toBe(false);
});

test("what is zero or no number exceeds nothing, and the matrix stays as it was", () => {
  expect(exceedsByElimination(matrixOf(4, 4), 0, 1e-6)).toBe(false);
  const unknown = matrixOf(2, 2, [1, Number.NaN, 0, 1]);
  expect(exceedsByElimination(unknown, 0, 1e-6)).toBe(false);
  const matrix = noisy(5, 5, 4);
  const before = [...matrix.data];
  expect(exceedsByElimination(matrix, 4, 1e-9)).toBe(true);
  expect([...matrix.data]).toEqual(before);
});

test("the work is that of the pivots that are looked for", () => {
  expect(workOfElimination(10, 20, 3)).toBe(600);
  expect(workOfElimination(4, 20, 30)).toBe(320);
});
