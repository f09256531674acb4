import fc from "fast-check";
import { expect, test } from "vitest";
import { reduceAxes } from "../../../src/codegen/kernels/reduce.js";
import { wasmTarget } from "../../../src/codegen/target.js";
import { buildNode } from "../../../src/ir/build.js";
import {
  channelCounts,
  expectKernel,
  inputOf,
  kernelCases,
  noise,
} from "../../support/kernel-case.js";
import { inFloat32, runNode } from "../../support/kernel-site.js";

const side = fc.integer({ min: 1, max: 6 });
/** So many channels that a range has several blocks of them. */
const manyChannels = fc.constantFrom(32, 37);
const counts = fc.oneof({ weight: 3, arbitrary: channelCounts }, manyChannels);
const shapes = fc.tuple(fc.integer({ min: 1, max: 3 }), counts, side, side);
const axes = fc.subarray([0, 1, 2, 3], { minLength: 1 });
const fns = fc.constantFrom("mean" as const, "sum" as const, "max" as const, "min" as const);

test("any axes of any layout are folded", () => {
  fc.assert(
    fc.property(
      fc.tuple(shapes, axes, fns, fc.boolean()),
      kernelCases,
      ([shape, axes, fn, keepDims], how) => {
        const node = buildNode("reduce", { input: inputOf(...shape) }, { fn, axes, keepDims });
        expectKernel(node, reduceAxes, how, { tolerance: 1e-5 });
      },
    ),
    { seed: 21, numRuns: 60 },
  );
});

test("channels of one image are shared out in blocks", () => {
  fc.assert(
    fc.property(manyChannels, side, kernelCases, (channels, size, how) => {
      const input = inputOf(1, channels, size, size);
      const attrs = { fn: "mean", axes: [2, 3], keepDims: true } as const;
      const node = buildNode("reduce", { input }, attrs);
      expectKernel(node, reduceAxes, { ...how, calls: 3 }, { tolerance: 1e-5 });
    }),
    { seed: 22, numRuns: 20 },
  );
});

/** The mean of a large plane in float32, with an offset that makes careless sums lose digits. */
function errorOfMean(order: "nhwc" | "rowMajor", offset: number): number {
  const input = inputOf(1, 1, 112, 113);
  const data = noise(112 * 113, 5).map((x) => x + offset);
  const node = buildNode("reduce", { input }, { fn: "mean", axes: [2, 3], keepDims: true });
  const [result] = runNode(node, reduceAxes, {
    target: wasmTarget,
    wish: (value) => (value === input ? { order, gap: 3 } : { order }),
    data: new Map([[input, data]]),
    execute: inFloat32,
  });
  const wanted = data.reduce((sum, x) => sum + x, 0) / data.length;
  return Math.abs(result![0]! / wanted - 1);
}

test("the mean of 112 x 113 elements keeps nearly all digits of float32", () => {
  for (const order of ["nhwc", "rowMajor"] as const) {
    for (const offset of [0.5, 3, 30, 100]) {
      expect(errorOfMean(order, offset), `${order}, offset ${offset}`).toBeLessThan(3e-7);
    }
  }
});
