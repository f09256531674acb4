import fc from "fast-check";
import { test } from "vitest";
import { resizeRows } from "../../../src/codegen/kernels/resize.js";
import { buildNode } from "../../../src/ir/build.js";
import { channelCounts, expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 6 });
const size = fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 }));

test("nearest and bilinear resizing, up and down, by whole factors and not", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side),
      size,
      fc.constantFrom("nearest" as const, "bilinear" as const),
      kernelCases,
      (shape, size, mode, how) => {
        const node = buildNode("resize", { input: inputOf(...shape) }, { mode, size });
        expectKernel(node, resizeRows, how);
      },
    ),
    { seed: 42, numRuns: 60 },
  );
});

test("whole factors repeat pixels", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side),
      fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      kernelCases,
      (shape, [down, across], how) => {
        const size = [shape[2] * down, shape[3] * across] as const;
        const input = inputOf(...shape);
        expectKernel(buildNode("resize", { input }, { mode: "nearest", size }), resizeRows, how, {
          tolerance: 0,
        });
      },
    ),
    { seed: 43, numRuns: 60 },
  );
});
