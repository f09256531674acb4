import { expect, test } from "vitest";
import { matrixOf, multiply, relativeError } from "../../src/numerics/matrix.js";
import { solvePositive } from "../../src/numerics/positive.js";
import { composeStack, factorStack, type StackShape } from "../../src/numerics/stack.js";
import { leastStackWidth } from "../../src/numerics/stack-width.js";
import { lcg } from "../support/lcg.js";
import { noise } from "../support/noise.js";

const search = { tolerance: 1e-6, starts: 8, iterations: 400 };

/** A kernel that is a stack, rounded to float32 as weights are. */
const planted = (shape: StackShape, width: number, seeds: readonly [number, number]) =>
  Float32Array.from(
    composeStack(
      {
        width,
        first: Float64Array.from(lcg(seeds[0], width * shape.inputs * shape.first ** 2)),
        second: Float64Array.from(lcg(seeds[1], shape.outputs * width * shape.second ** 2)),
      },
      shape,
    ),
  );

test("a kernel made of two is taken apart again", () => {
  const shape = { outputs: 8, inputs: 3, first: 3, second: 3, step: 1 };
  const weight = planted(shape, 3, [16, 17]);
  expect(leastStackWidth(weight, shape)).toBe(3);
  const stack = factorStack(weight, shape, { ...search, width: 3 })!;
  expect(stack.error).toBeLessThan(1e-6);
  const stored = {
    ...stack,
    first: stack.first.map(Math.fround),
    second: stack.second.map(Math.fround),
  };
  expect(relativeError(composeStack(stored, shape), weight)).toBeLessThan(1e-6);
});

test("so is one whose first kernel is stepped over, and one narrower than its channels", () => {
  const strided = { outputs: 5, inputs: 3, first: 3, second: 3, step: 2 };
  expect(
    factorStack(planted(strided, 2, [3, 4]), strided, { ...search, width: 2 })!.error,
  ).toBeLessThan(1e-6);
  const uneven = { outputs: 6, inputs: 5, first: 3, second: 5, step: 1 };
  const weight = planted(uneven, 2, [5, 6]);
  expect(leastStackWidth(weight, uneven)).toBe(2);
  expect(factorStack(weight, uneven, { ...search, width: 2 })!.error).toBeLessThan(1e-6);
});

test("taps of both kernels meet where strides put them", () => {
  const shape = { outputs: 1, inputs: 1, first: 2, second: 2, step: 3 };
  const kernel = composeStack(
    { width: 1, first: Float64Array.of(1, 2, 3, 4), second: Float64Array.of(1, 10, 100, 1000) },
    shape,
  );
  expect([...kernel.subarray(0, 5)]).toEqual([1, 2, 0, 10, 20]);
  expect([...kernel.subarray(20)]).toEqual([300, 400, 0, 3000, 4000]);
});

test("one channel of 5x5 is no product of two 3x3, but a sum of two such products", () => {
  const shape = { outputs: 1, inputs: 1, first: 3, second: 3, step: 1 };
  const weight = lcg(18, 25);
  const one = factorStack(weight, shape, { ...search, width: 1, starts: 16 })!;
  expect(one.error).toBeGreaterThan(0.27627762954449375 * 0.999);
  expect(factorStack(weight, shape, { ...search, width: 2, starts: 16 })!.error).toBeLessThan(1e-6);
});

test("random kernels have no narrow stacks, and zero or broken ones none at all", () => {
  const shape = { outputs: 6, inputs: 5, first: 3, second: 3, step: 1 };
  expect(leastStackWidth(noise(750, 3), shape)).toBe(5);
  expect(leastStackWidth(noise(200, 3), { ...shape, outputs: 1, inputs: 8 })).toBe(1);
  expect(leastStackWidth(noise(64 * 75, 3), { ...shape, outputs: 64, inputs: 3 })).toBe(8);
  expect(factorStack(new Float32Array(750), shape, { ...search, width: 2 })).toBeUndefined();
  const broken = noise(750, 3).fill(Number.NaN, 9, 10);
  expect(factorStack(broken, shape, { ...search, width: 2 })).toBeUndefined();
});

test("positive definite systems are solved for many right-hand sides, others refused", () => {
  const some = matrixOf(7, 9, noise(63, 4));
  const positive = multiply(
    some,
    matrixOf(
      9,
      7,
      Array.from({ length: 63 }, (_, at) => some.data[(at % 7) * 9 + Math.floor(at / 7)]!),
    ),
  );
  const wanted = matrixOf(3, 7, noise(21, 5));
  const found = solvePositive(positive, multiply(wanted, positive))!;
  expect(relativeError(found.data, wanted.data)).toBeLessThan(1e-9);
  expect(solvePositive(matrixOf(2, 2, [1, 2, 2, 1]), matrixOf(1, 2))).toBeUndefined();
  expect(solvePositive(matrixOf(1, 1, [Number.NaN]), matrixOf(1, 1))).toBeUndefined();
});
