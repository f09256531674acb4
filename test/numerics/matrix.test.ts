import { expect, test } from "vitest";
import {
  gram,
  matrixOf,
  multiply,
  normOf,
  relativeError,
  transpose,
} from "../../src/numerics/matrix.js";
import { noise } from "../support/noise.js";

test("products are those of rows with columns", () => {
  const left = matrixOf(2, 3, [1, 2, 3, 4, 5, 6]);
  const right = matrixOf(3, 2, [7, 8, 9, 10, 11, 12]);
  expect([...multiply(left, right).data]).toEqual([58, 64, 139, 154]);
  expect([...transpose(left).data]).toEqual([1, 4, 2, 5, 3, 6]);
});

test("the Gram matrix is the product with the transposed", () => {
  for (const columns of [1, 3, 4, 11]) {
    const matrix = matrixOf(5, columns, noise(5 * columns, columns));
    const product = multiply(matrix, transpose(matrix));
    expect(relativeError(gram(matrix).data, product.data)).toBeLessThan(1e-15);
  }
});

test("errors are relative to what was wanted", () => {
  expect(normOf(Float64Array.of(3, 4))).toBe(5);
  expect(relativeError([3, 5], [3, 4])).toBe(1 / 5);
  expect(relativeError([0, 0], [0, 0])).toBe(0);
  expect(relativeError([1], [0])).toBe(Number.POSITIVE_INFINITY);
});
