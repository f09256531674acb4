import fc from "fast-check";
import { test } from "vitest";
import { resampleRows } from "../../../src/codegen/kernels/resample.js";
import { resample } from "../../support/graphs.js";
import { channelCounts, expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 6 });

const attributes = fc.record({
  mode: fc.constantFrom("nearest" as const, "linear" as const, "cubic" as const),
  coordinates: fc.constantFrom(
    "half_pixel" as const,
    "half_pixel_symmetric" as const,
    "pytorch_half_pixel" as const,
    "align_corners" as const,
    "asymmetric" as const,
    "tf_half_pixel_for_nn" as const,
    "tf_crop_and_resize" as const,
  ),
  rounding: fc.constantFrom(
    "floor" as const,
    "ceil" as const,
    "round_prefer_floor" as const,
    "round_prefer_ceil" as const,
  ),
  scale: fc.constantFrom([0.8, 1.7] as const, [2, 0.5] as const),
  region: fc.constantFrom([0, 0, 1, 1] as const, [-0.4, 0.2, 0.9, 1.3] as const),
  coefficient: fc.constantFrom(-0.5, -0.75),
  excludeOutside: fc.boolean(),
  outside: fc.constantFrom(0, 3.25),
});

test("every mode, placing and rounding", () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side),
      fc.tuple(side, side),
      attributes,
      kernelCases,
      (shape, size, attrs, how) => {
        const { node } = resample(inputOf(...shape), size, attrs);
        if (node.op === "resample") expectKernel(node, resampleRows, how);
      },
    ),
    { seed: 44, numRuns: 150 },
  );
});
