import { describe, expect, test } from "vitest";
import { macsOf } from "../../../src/ir/cost.js";
import { verify } from "../../../src/ir/verify.js";
import { CalibratedFit } from "../../../src/passes/factor/calibrated-fit.js";
import { fitWithin } from "../../../src/passes/factor/calibrated-search.js";
import { familiesFor } from "../../../src/passes/factor/families.js";
import { factorsMs, mostPayingRank } from "../../../src/passes/factor/paying-rank.js";
import { contextFor } from "../../../src/passes/run.js";
import { separateWithin } from "../../../src/passes/separate-kernels.js";
import type { Refusal, Rewriting } from "../../../src/passes/structural-pass.js";
import { metOf, outputsOf, smoothImage } from "../../support/calibrated-case.js";
import { relativeL2 } from "../../support/close.js";
import * as g from "../../support/graphs.js";
import { lcg } from "../../support/lcg.js";

const context = contextFor({ predictMs: macsOf });

function made(found: Rewriting | Refusal): Rewriting {
  if ("refused" in found) throw new Error(found.refused);
  return found;
}

describe("of smooth images", () => {
  const images = [1, 2, 3].map((seed) => smoothImage(4, 12, seed));
  const met = metOf(g.conv(g.image(4, 12), 10, { kernel: 5 }), images);
  const { conv, moments } = met;

  test("the smallest rank of the fastest family is taken", () => {
    const found = made(separateWithin(conv, 0.1, context, moments));
    expect(found).toMatchObject({ label: "approximate", replaces: [conv] });
    expect(found.family).toMatch(/fitted to data$/);
    verify(g.returns(found.value));
    const expected = outputsOf(conv.results[0]!, images);
    expect(relativeL2(outputsOf(found.value, images), expected)).toBeLessThan(0.1);
    const nodes = g.returns(found.value).nodes.filter(({ op }) => op !== "constant");
    const macs = nodes.reduce((sum, node) => sum + macsOf(node), 0);
    const zeros = new Float32Array(met.weight.length);
    let cheaper = 0;
    for (const family of familiesFor(conv)) {
      const fit = new CalibratedFit(met, family);
      const most = mostPayingRank(conv, family, context, zeros);
      for (let rank = 1; rank <= most; rank++) {
        if (factorsMs(conv, family, rank, context, zeros) >= macs) break;
        expect(fit.atRank(rank)!.error, `${family.name} ${rank}`).toBeGreaterThan(0.1);
        cheaper++;
      }
    }
    expect(cheaper).toBeGreaterThan(4);
  });

  test("a tolerance that no rank keeps is told with the closest error", () => {
    const { refused } = separateWithin(conv, 1e-5, context, moments) as Refusal;
    expect(refused).toMatch(/^the closest factors that would be faster have an error of 0\.0\d+$/);
  });

  test("kernels that are too small, unknown, zero, or hard to make faster are told", () => {
    const refusalOf = (value: ReturnType<typeof g.conv>): string => {
      const own = metOf(value, [smoothImage(value.node.op === "conv2d" ? 2 : 0, 8, 1)]);
      const found = fitWithin(own.conv, 0.5, context, own.moments);
      return "refused" in found ? found.refused : found.family;
    };
    const image = g.image(2, 8);
    expect(refusalOf(g.conv(image, 2, { groups: 2 }))).toBe(
      "its kernel is too small to be taken apart",
    );
    expect(refusalOf(g.conv(image, 4, { gain: 0 }))).toBe("its kernel is zero or not finite");
    expect(refusalOf(g.conv(image, 2, { kernel: 1 }))).toBe("factors of no rank would be faster");
  });
});

describe("A11: weights that matter in three dimensions of the data only", () => {
  const mix = lcg(21, 24);
  const inner = lcg(20, 1200);
  /** Every sample and its opposite, so that the mean is zero: `[1, 8, 20, 40]`. */
  const image = new Float32Array(8 * 800);
  for (let at = 0; at < 400; at++) {
    for (let c = 0; c < 8; c++) {
      const x = [0, 1, 2].reduce((sum, r) => sum + inner[at * 3 + r]! * mix[r * 8 + c]!, 0);
      image[c * 800 + at] = x;
      image[c * 800 + 400 + at] = -x;
    }
  }
  const value = g.conv(g.image(8, 20, 40), 6, { kernel: 1 });
  const met = metOf(value, [image]);
  met.weight.set(lcg(22, 48));

  test("become two layers of rank 3 that are equal on the data and elsewhere not", () => {
    const found = made(separateWithin(met.conv, 1e-6, context, met.moments));
    expect(found.family).toBe("1x1 = 1x1 · 1x1, rank 3, fitted to data");
    expect(found).toMatchObject({ label: "approximate", outputError: Number.NaN });
    expect(found.weightError).toBeCloseTo(0.6294683736427422, 4);
    const errorOn = (x: Float32Array): number =>
      relativeL2(outputsOf(found.value, [x]), outputsOf(value, [x]));
    expect(errorOn(image)).toBeLessThan(1e-6);
    expect(errorOn(Float32Array.from(lcg(23, 6400)))).toBeGreaterThan(0.3);
  });
});

test("a kernel that is a product of small ones is told as such, whatever was met", () => {
  const images = [1, 2].map((seed) => smoothImage(3, 12, seed));
  const met = metOf(g.conv(g.image(3, 12), 8, { kernel: 5 }), images);
  const [tall, wide] = [lcg(3, 15), lcg(4, 40)];
  met.weight.forEach((_, at) => {
    const [o, c, y, x] = [
      Math.floor(at / 75),
      Math.floor(at / 25) % 3,
      Math.floor(at / 5) % 5,
      at % 5,
    ];
    met.weight[at] = tall[c * 5 + y]! * wide[o * 5 + x]!;
  });
  const found = made(separateWithin(met.conv, 0, context, met.moments));
  expect(found).toMatchObject({ label: "rounding", outputError: 0 });
  expect(found.family).toBe("5x5 = 5x1 · 1x5, rank 1");
});
