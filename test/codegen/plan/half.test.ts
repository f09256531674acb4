import fc from "fast-check";
import { expect, test } from "vitest";
import { beyondHalves, halfBits, halfLimit } from "../../../src/codegen/plan/half.js";
import { halfToNumber } from "../../../src/weights/store.js";

const isNan = (bits: number) => (bits & 0x7fff) > 0x7c00;
const everyHalf = Array.from({ length: 65536 }, (_, bits) => bits);

test("every half is its own nearest, and what is no number stays none", () => {
  for (const bits of everyHalf) {
    const found = halfBits(halfToNumber(bits));
    if (isNan(bits)) expect(isNan(found)).toBe(true);
    else if (found !== bits) expect(found).toBe(bits);
  }
});

test("a number becomes the nearer of the halves around it, in the middle the even one", () => {
  const positive = everyHalf.slice(0, 0x7c00);
  for (const bits of positive.slice(0, -1)) {
    const [below, above] = [halfToNumber(bits), halfToNumber(bits + 1)];
    const middle = (below + above) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    if (halfBits(middle) !== even) expect([bits, halfBits(middle)]).toEqual([bits, even]);
    const near = 2 ** -24 * middle;
    if (halfBits(middle - near) !== bits) expect([bits, halfBits(middle - near)]).toBe(bits);
    if (halfBits(middle + near) !== bits + 1) expect([bits, halfBits(middle + near)]).toBe(bits);
  }
});

test("the sign is kept, of zero as well", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      expect(halfBits(-value)).toBe(halfBits(value) ^ 0x8000);
    }),
    { seed: 5, numRuns: 200 },
  );
  expect(halfBits(-0)).toBe(0x8000);
});

test("numbers beyond the largest half are found, infinite ones have a half", () => {
  expect(halfToNumber(halfBits(halfLimit - 0.01))).toBe(65504);
  expect(halfBits(halfLimit)).toBe(0x7c00);
  const infinities = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  expect(beyondHalves(Float32Array.of(...infinities, 65519, -halfLimit, 1e30))).toBe(-halfLimit);
  expect(beyondHalves(Float32Array.of(...infinities, 65519))).toBe(undefined);
});
