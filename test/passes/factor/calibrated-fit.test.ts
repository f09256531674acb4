import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/ir/graph.js";
import { normOf } from "../../../src/numerics/matrix.js";
import { CalibratedFit } from "../../../src/passes/factor/calibrated-fit.js";
import { factorsOf, unfold, weightError } from "../../../src/passes/factor/factors.js";
import { familiesFor } from "../../../src/passes/factor/families.js";
import { extentOf } from "../../../src/passes/factor/paying-rank.js";
import {
  asGraphValue,
  convOf,
  metOf,
  outputsOf,
  smoothImage,
  withMoments,
} from "../../support/calibrated-case.js";
import { relativeL2 } from "../../support/close.js";
import * as g from "../../support/graphs.js";
import { noise } from "../../support/noise.js";

/** About half of the multiply-accumulates, for 8 to 12 channels with 5x5 taps. */
const ranks: Record<string, number> = {
  "vertical-horizontal": 12,
  "horizontal-vertical": 12,
  "depthwise-pointwise": 4,
  "pointwise-depthwise": 3,
  "full-pointwise": 5,
};

describe("where channels move together and patches are smooth", () => {
  const fit = [1, 2, 3, 4].map((seed) => smoothImage(8, 20, seed));
  const heldOut = [11, 12].map((seed) => smoothImage(8, 20, seed));
  const met = metOf(g.conv(g.image(8, 20), 12, { kernel: 5 }), fit);
  const expected = outputsOf(met.conv.results[0]!, heldOut);

  test.each(familiesFor(met.conv))(
    "$name errs 0.7 times as much as plain factors at most",
    (family) => {
      const rank = ranks[family.name]!;
      const errorOf = (value: Value): number => relativeL2(outputsOf(value, heldOut), expected);
      const plain = factorsOf(unfold(met.conv, family, met.weight), rank)!;
      const fitted = new CalibratedFit(met, family).atRank(rank)!;
      const [before, after] = [
        errorOf(asGraphValue(met, family, { factors: plain })),
        errorOf(asGraphValue(met, family, fitted)),
      ];
      expect(before).toBeGreaterThan(0.02);
      expect(after).toBeLessThan(0.7 * before);
      expect(fitted.weightError).toBeGreaterThan(
        weightError(unfold(met.conv, family, met.weight), plain),
      );
    },
  );
});

test("where patches are white the fit is that of the weights", () => {
  const conv = convOf(g.conv(g.image(6, 9), 10, { kernel: [3, 5], groups: 2 }));
  const length = 3 * 15;
  const data = new Float64Array(length ** 2).map((_, at) => (at % (length + 1) === 0 ? 2.5 : 0));
  const white = {
    mean: new Float64Array(length),
    covariance: { rows: length, columns: length, data },
  };
  const met = withMoments(conv, { count: 1, groups: [white, white] });
  for (const family of familiesFor(conv)) {
    const blocks = unfold(conv, family, met.weight);
    const plain = factorsOf(blocks, 2)!;
    const fitted = new CalibratedFit(met, family).atRank(2)!;
    expect(fitted.weightError, family.name).toBeCloseTo(weightError(blocks, plain), 6);
    expect(weightError(blocks, fitted.factors), family.name).toBeCloseTo(fitted.weightError, 6);
    const value = {
      plain: asGraphValue(met, family, { factors: plain }),
      own: asGraphValue(met, family, fitted),
    };
    const inputs = [noise(6 * 81, 3)];
    expect(relativeL2(outputsOf(value.own, inputs), outputsOf(value.plain, inputs))).toBeLessThan(
      2e-6,
    );
    expect([...fitted.bias]).toEqual([...met.bias]);
  }
});

/** The mean of each channel over images and places. */
const means = (outputs: readonly number[], channels: number, images: number): number[] => {
  const plane = outputs.length / channels / images;
  const sums = new Array<number>(channels).fill(0);
  outputs.forEach((y, at) => {
    sums[Math.floor(at / plane) % channels]! += y / plane / images;
  });
  return sums;
};

describe("on what it was fitted to", () => {
  const two = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }));
  const side = fc.integer({ min: 0, max: 2 });
  const pads = fc.tuple(side, side, side, side);
  const kernel = fc.constantFrom([3, 3], [3, 4], [5, 2], [3, 1]) as fc.Arbitrary<[number, number]>;
  const groups = fc.constantFrom([1, 3, 4], [2, 2, 3], [1, 4, 2], [3, 1, 2], [6, 1, 1]);

  test("a fit has the error that it tells and keeps the mean: borders, strides, groups, bias", () => {
    const seen = new Set<string>();
    let largest = 0;
    fc.assert(
      fc.property(kernel, groups, two, two, pads, fc.nat(99), (kernel, counts, ...rest) => {
        const [stride, dilation, pads, seed] = rest;
        const [groups = 1, inputs = 1, outputs = 1] = counts;
        const options = { kernel, stride, dilation, pads, groups, seed, bias: seed % 3 > 0 };
        const input = g.image(groups * inputs, 9, 10);
        const images = [1, 2].map((at) => noise(groups * inputs * 90, seed + at, -0.5, 1.5));
        const met = metOf(g.conv(input, groups * outputs, options), images);
        const expected = outputsOf(met.conv.results[0]!, images);
        for (const family of familiesFor(met.conv)) {
          const { rows, columns } = extentOf(met.conv, family);
          const rank = 1 + (seed % Math.min(rows, columns));
          const fitted = new CalibratedFit(met, family).atRank(rank)!;
          const actual = outputsOf(asGraphValue(met, family, fitted), images);
          const error = relativeL2(actual, expected);
          expect(Math.abs(error - fitted.error), family.name).toBeLessThan(1e-3 * error + 1e-6);
          if (rank === Math.min(rows, columns)) expect(error).toBeLessThan(1e-6);
          const [own, given] = [actual, expected].map((all) => means(all, groups * outputs, 2));
          expect(relativeL2(own!, given!)).toBeLessThan(1e-6);
          seen.add(family.name);
          largest = Math.max(largest, error);
        }
      }),
      { numRuns: 30, seed: 5 },
    );
    expect(seen.size).toBe(7);
    expect(largest).toBeGreaterThan(0.2);
  });

  test("no other second factor is closer, but for what shrinking costs", () => {
    const images = [1, 2, 3].map((seed) => smoothImage(4, 14, seed));
    const met = metOf(g.conv(g.image(4, 14), 6, { kernel: 3 }), images);
    const expected = outputsOf(met.conv.results[0]!, images);
    for (const family of familiesFor(met.conv)) {
      const fitted = new CalibratedFit(met, family).atRank(2)!;
      const { factors, bias } = fitted;
      for (const seed of [1, 2, 3]) {
        const right = factors.right.map((matrix, block) => {
          const nudges = noise(matrix.data.length, seed * 100 + block);
          const step = (0.2 * normOf(matrix.data)) / Math.sqrt(matrix.data.length);
          return { ...matrix, data: matrix.data.map((x, at) => x + step * nudges[at]!) };
        });
        const other = asGraphValue(met, family, { factors: { ...factors, right }, bias });
        expect(relativeL2(outputsOf(other, images), expected), family.name).toBeGreaterThan(
          fitted.error,
        );
      }
    }
  });
});

test("channels that are always zero do no harm", () => {
  const images = [1, 2].map((seed) => smoothImage(4, 12, seed).fill(0, 144, 288));
  const value = g.conv(g.image(4, 12), 6, { kernel: 3 });
  const met = metOf(value, images);
  met.weight.fill(0, 18, 27);
  for (const family of familiesFor(met.conv)) {
    const fitted = new CalibratedFit(met, family).atRank(3)!;
    expect(Number.isFinite(fitted.weightError)).toBe(true);
    const expected = outputsOf(met.conv.results[0]!, images);
    const actual = outputsOf(asGraphValue(met, family, fitted), images);
    expect(relativeL2(actual, expected)).toBeCloseTo(fitted.error, 4);
  }
});
