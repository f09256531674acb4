import { expect, test } from "vitest";
import { shrink, variance } from "../../../src/numerics/calibrated.js";
import { eigenSymmetric } from "../../../src/numerics/eigen.js";
import {
  type Matrix,
  matrixOf,
  multiply,
  normOf,
  transpose,
} from "../../../src/numerics/matrix.js";
import { CalibratedFit, type Met } from "../../../src/passes/factor/calibrated-fit.js";
import type { Factors } from "../../../src/passes/factor/factors.js";
import { type Family, familiesFor } from "../../../src/passes/factor/families.js";
import { placesAlong } from "../../../src/passes/factor/kernel-axes.js";
import { blockCovariance } from "../../../src/passes/factor/patch-units.js";
import { metOf, smoothImage } from "../../support/calibrated-case.js";
import * as g from "../../support/graphs.js";
import { noise } from "../../support/noise.js";

/** Two groups that meet different things: smooth images, and noise of which one channel is loud. */
const images = [1, 2, 3].map((seed) => {
  const image = new Float32Array(6 * 196);
  image.set(smoothImage(3, 14, seed));
  image.set(noise(3 * 196, seed + 50), 588);
  return image.map((x, at) => (at >= 980 ? 9 * x : x));
});
const met = metOf(g.conv(g.image(6, 14), 8, { kernel: [3, 2], groups: 2 }), images);

/** The rows of a group in a weight, `[4, 18]`. */
const groupOf = (weight: ArrayLike<number>, group: number): Matrix =>
  matrixOf(4, 18, Array.from(weight).slice(group * 72, (group + 1) * 72));

/** What a kernel loses of a group's output, as the shrunk covariance tells. */
function lostBy(kernel: ArrayLike<number>, { weight, moments }: Met): number {
  const apart = Array.from(weight, (w, at) => kernel[at]! - w);
  return moments.groups.reduce(
    (sum, { covariance }, group) => sum + variance(groupOf(apart, group), shrink(covariance)),
    0,
  );
}

/** The kernel that factors make. */
function kernelOf({ conv, weight }: Met, family: Family, { left, right }: Factors): Float64Array {
  const kernel = new Float64Array(weight.length);
  const [rows, columns] = [placesAlong(conv, family.first), placesAlong(conv, family.second)];
  placesAlong(conv, family.block).forEach((block, at) => {
    const product = multiply(left[at]!, right[at]!);
    rows.forEach((row, i) => {
      columns.forEach((column, j) => {
        kernel[block + row + column] = product.data[i * columns.length + j]!;
      });
    });
  });
  return kernel;
}

test.each(familiesFor(met.conv))("$name: every step of the second factor loses more", (family) => {
  const { factors } = new CalibratedFit(met, family).atRank(1)!;
  const least = lostBy(kernelOf(met, family, factors), met);
  for (const step of [1e-3, -1e-3]) {
    for (const seed of [1, 2, 3]) {
      const right = factors.right.map((matrix, block) => {
        const nudges = noise(matrix.data.length, 100 * seed + block);
        const size = step * normOf(matrix.data);
        return { ...matrix, data: matrix.data.map((x, at) => x + size * nudges[at]!) };
      });
      expect(lostBy(kernelOf(met, family, { ...factors, right }), met)).toBeGreaterThan(least);
    }
  }
});

test("to fewer outputs nothing is closer: what is lost are the smaller directions of each group's output", () => {
  const family = familiesFor(met.conv).find(({ name }) => name === "full-pointwise")!;
  for (const rank of [1, 2, 3]) {
    const { factors } = new CalibratedFit(met, family).atRank(rank)!;
    const rest = met.moments.groups.reduce((sum, { covariance }, group) => {
      const kernel = groupOf(met.weight, group);
      const seen = multiply(multiply(kernel, shrink(covariance)), transpose(kernel));
      const { values } = eigenSymmetric(seen);
      return sum + values.subarray(rank).reduce((all, value) => all + value, 0);
    }, 0);
    expect(lostBy(kernelOf(met, family, factors), met) / rest).toBeCloseTo(1, 4);
  }
});

test("what a first factor meets is the mean over the taps of the second", () => {
  const { covariance } = met.moments.groups[1]!;
  /** C[(c, y, x), (d, v, u)]. */
  const at = (c: number, y: number, x: number, d: number, v: number, u: number): number =>
    covariance.data[(c * 6 + y * 2 + x) * 18 + d * 6 + v * 2 + u]!;
  const named = (wanted: string) => familiesFor(met.conv).find(({ name }) => name === wanted)!;
  const of = (name: string, place = 0) =>
    blockCovariance(met.conv, named(name), covariance, place).data;
  const tall = of("vertical-horizontal");
  const wide = of("horizontal-vertical");
  const [deep, point] = [of("depthwise-pointwise", 12), of("pointwise-depthwise")];
  for (let c = 0; c < 3; c++) {
    for (let d = 0; d < 3; d++) {
      const [own, other] = [tall[(c * 3 + 1) * 9 + d * 3 + 2]!, wide[(c * 2 + 1) * 6 + d * 2]!];
      expect(own).toBeCloseTo((at(c, 1, 0, d, 2, 0) + at(c, 1, 1, d, 2, 1)) / 2, 12);
      const rows = [0, 1, 2].map((y) => at(c, y, 1, d, y, 0));
      expect(other).toBeCloseTo((rows[0]! + rows[1]! + rows[2]!) / 3, 12);
      const taps = [0, 1, 2, 3, 4, 5].map(
        (tap) => covariance.data[(c * 6 + tap) * 18 + d * 6 + tap]!,
      );
      expect(point[c * 3 + d]).toBeCloseTo(taps.reduce((a, b) => a + b) / 6, 12);
    }
  }
  expect(deep[1 * 6 + 4]).toBeCloseTo(at(2, 0, 1, 2, 2, 0), 12);
});
