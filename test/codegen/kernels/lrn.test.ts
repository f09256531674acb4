import fc from "fast-check";
import { test } from "vitest";
import { lrnWindows } from "../../../src/codegen/kernels/lrn.js";
import { buildNode } from "../../../src/ir/build.js";
import { channelCounts, expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 6 });

test("neighbouring channels are counted as far as there are any", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom(0.5, 0.75, 1, 0.6),
      kernelCases,
      (shape, size, beta, how) => {
        const attrs = { size, alpha: 0.5, beta, bias: 1.25 };
        const node = buildNode("lrn", { input: inputOf(...shape) }, attrs);
        expectKernel(node, lrnWindows, how);
      },
    ),
    { seed: 44, numRuns: 50 },
  );
});
