import fc from "fast-check";
import { expect, test } from "vitest";
import { dataOf } from "../../../src/ir/constants.js";
import type { Value } from "../../../src/ir/graph.js";
import { expectClose } from "../../support/close.js";
import { avgPool, image, input, literal, maxPool, reduce, weights } from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const row = (...data: number[]) => literal([1, 1, 1, data.length], data);
const negative = literal([1, 1, 3, 3], [-1, -2, -3, -4, -5, -6, -7, -8, -9]);

test("maxPool takes the largest value of each window, padding never", () => {
  const padded = maxPool(negative, { kernel: 2, stride: 2, pads: [1, 1, 0, 0] });
  expect(meaningOf(padded)).toEqual([-1, -2, -4, -5]);
});

test("maxPool spreads its taps by the dilation", () => {
  const options = { kernel: [1, 2], stride: 1, dilation: [1, 2] } as const;
  expect(meaningOf(maxPool(row(5, 9, 1, 2, 7), options))).toEqual([5, 9, 7]);
});

test("a window started by ceil may hang over the end", () => {
  const options = { kernel: [1, 2], stride: [1, 2] } as const;
  expect(meaningOf(maxPool(row(1, 2, 3, 4, 5), options))).toEqual([2, 4]);
  expect(meaningOf(maxPool(row(1, 2, 3, 4, 5), { ...options, ceil: true }))).toEqual([2, 4, 5]);
});

test("ceil starts no window in the far padding", () => {
  // Four columns and padding 1 on both sides: ceil alone would give a window at column 4.
  const options = { kernel: [1, 2], stride: [1, 5], pads: [0, 1, 0, 1], ceil: true } as const;
  expect(maxPool(row(1, 2, 3, 4), options).type.shape).toEqual([1, 1, 1, 1]);
  expect(meaningOf(maxPool(row(1, 2, 3, 4, 5), options))).toEqual([1, 5]);
});

test("avgPool divides by all taps inside the padded input, or by the real ones", () => {
  const options = { kernel: [1, 2], stride: [1, 2], pads: [0, 1, 0, 0], ceil: true } as const;
  expect(meaningOf(avgPool(row(2, 4, 6), options))).toEqual([1, 5]);
  const real = { ...options, countIncludePad: false };
  expect(meaningOf(avgPool(row(2, 4, 6), real))).toEqual([2, 5]);
});

test("avgPool never counts what ceil adds beyond the padding", () => {
  const options = { kernel: [1, 3], stride: [1, 2], pads: [0, 0, 0, 1], ceil: true } as const;
  // The last window covers columns 4, 5 (padding) and 6 (beyond).
  expect(meaningOf(avgPool(row(3, 3, 3, 3, 8), options))).toEqual([
    3,
    (3 + 3 + 8) / 3,
    (8 + 0) / 2,
  ]);
  const longer = avgPool(row(3, 3, 3, 3, 3, 8), { ...options, pads: [0, 0, 0, 0] });
  expect(meaningOf(longer)).toEqual([3, 3, (3 + 8) / 2]);
  const padded = avgPool(row(3, 3, 3, 3, 3, 8), options);
  expect(meaningOf(padded)).toEqual([3, 3, (3 + 8 + 0) / 3]);
});

/** Every output from a test of each tap, in the words of the definition. */
function naivePool(value: Value): number[] {
  const { node } = value;
  if (node.op !== "maxPool" && node.op !== "avgPool") throw new Error("no pool");
  const { kernel, stride, dilation, pads } = node.attrs;
  const [n, c, h, w] = node.operands.input.type.shape as [number, number, number, number];
  const data = dataOf(node.operands.input)!;
  const result: number[] = [];
  for (let plane = 0; plane < n * c; plane++)
    for (let y = 0; y < value.type.shape[2]!; y++)
      for (let x = 0; x < value.type.shape[3]!; x++) {
        let [sum, largest, real, counted] = [0, -Infinity, 0, 0];
        for (let i = 0; i < kernel[0]; i++)
          for (let j = 0; j < kernel[1]; j++) {
            const r = y * stride[0] + i * dilation[0] - pads[0];
            const s = x * stride[1] + j * dilation[1] - pads[1];
            if (r < h + pads[2] && s < w + pads[3]) counted++;
            if (r < 0 || r >= h || s < 0 || s >= w) continue;
            const tap = data[(plane * h + r) * w + s]!;
            [sum, largest, real] = [sum + tap, Math.max(largest, tap), real + 1];
          }
        const isAll = node.op === "avgPool" && node.attrs.countIncludePad;
        result.push(node.op === "maxPool" ? largest : sum / (isAll ? counted : real));
      }
  return result;
}

const pair = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

test("pools are their definition for any geometry", () => {
  const geometry = fc.record({
    kernel: pair(1, 4),
    stride: pair(1, 4),
    dilation: fc.constantFrom<[number, number]>([1, 1], [2, 1], [1, 2]),
    pads: fc.tuple(...[1, 1, 1, 1].map((max) => fc.integer({ min: 0, max }))),
    ceil: fc.boolean(),
    countIncludePad: fc.boolean(),
  });
  let compared = 0;
  fc.assert(
    fc.property(geometry, pair(2, 8), fc.nat(99), ({ pads, ...options }, [h, w], seed) => {
      const x = weights([1, 2, h, w], seed);
      const sides = pads as unknown as readonly [number, number, number, number];
      for (const pool of [maxPool, avgPool]) {
        const make = () => pool(x, { ...options, pads: sides });
        const refusal = refusalOf(make);
        if (refusal !== "nothing was refused") {
          expect(refusal).toMatch(/^(kernel-larger-than-input|window-in-padding)/);
          continue;
        }
        compared++;
        expectClose(meaningOf(make()), naivePool(make()), 1e-12);
      }
    }),
    { numRuns: 150, seed: 3 },
  );
  expect(compared).toBeGreaterThan(150);
});

test("pools that do not fit are refused", () => {
  expect(refusalOf(() => maxPool(image(1, 4), { kernel: 5 }))).toMatch("kernel-larger-than-input");
  expect(refusalOf(() => maxPool(image(1, 4), { stride: 0 }))).toMatch("stride");
  expect(refusalOf(() => maxPool(image(1, 4), { kernel: 2, pads: 2 }))).toBe(
    "window-in-padding: maxPool: window 0 along the height of f32[1,1,4,4] would see only padding",
  );
  const far = { kernel: 1, stride: 1, pads: [0, 0, 0, 1] } as const;
  expect(refusalOf(() => avgPool(image(1, 4), far))).toMatch("window 4 along the width");
  const wide = { kernel: 2, stride: 1, dilation: 2, pads: 1 } as const;
  expect(refusalOf(() => avgPool(image(1, 1), wide))).toMatch("window 0 along the height");
  // Taps at −2 and 2 step over both columns, though the first and the last window see one.
  const over = { kernel: [1, 2], stride: 1, dilation: [1, 4], pads: [0, 4, 0, 3] } as const;
  expect(refusalOf(() => maxPool(image(1, 1, 2), over))).toMatch("window 2 along the width");
  expect(refusalOf(() => maxPool(input([4, 4])))).toMatch("wrong-rank");
});

test("the largest padding is refused without counting through it", () => {
  const options = {
    kernel: [1, 2 ** 20],
    stride: 1,
    pads: [0, 2 ** 20 - 1, 0, 2 ** 20 - 1],
  } as const;
  expect(maxPool(image(1, 1, 9), options).type.shape).toEqual([1, 1, 1, 8 + 2 ** 20]);
});

const cube = literal([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 18]);

test("reduce takes whole axes", () => {
  expect(meaningOf(reduce(cube, "sum", [0]))).toEqual([8, 10, 12, 14, 16, 24]);
  expect(meaningOf(reduce(cube, "mean", [2]))).toEqual([2, 5, 8, 13]);
  expect(meaningOf(reduce(cube, "max", [0, 2]))).toEqual([9, 18]);
  expect(meaningOf(reduce(cube, "min", [0, 1, 2]))).toEqual([1]);
  expect(reduce(cube, "min", [0, 2], true).type.shape).toEqual([1, 2, 1]);
  expect(reduce(cube, "min", [0, 2], false).type.shape).toEqual([2]);
  expect(reduce(cube, "min", [0, 1, 2], false).type.shape).toEqual([]);
});

test("reduce refuses axes that are missing, repeated or out of order", () => {
  expect(refusalOf(() => reduce(cube, "sum", [3]))).toMatch("there is no axis 3 in f32[2,2,3]");
  expect(refusalOf(() => reduce(cube, "sum", []))).toMatch("axes");
  expect(refusalOf(() => reduce(cube, "sum", [1, 1]))).toMatch("ascending");
  expect(refusalOf(() => reduce(cube, "sum", [1, 0]))).toMatch("ascending");
});
