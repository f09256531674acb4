import fc from "fast-check";
import { test } from "vitest";
import { channelShuffleCopy } from "../../../src/codegen/kernels/channel-shuffle.js";
import { padCopy } from "../../../src/codegen/kernels/pad.js";
import { pixelShuffleCopy } from "../../../src/codegen/kernels/pixel-shuffle.js";
import { buildNode } from "../../../src/ir/build.js";
import { expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const side = fc.integer({ min: 2, max: 5 });
const images = fc.integer({ min: 1, max: 2 });
const runs = { seed: 41, numRuns: 60 };

test("channels are shuffled between groups in any layout", () => {
  fc.assert(
    fc.property(
      fc.tuple(images, fc.integer({ min: 1, max: 4 }), side, side),
      fc.constantFrom(1, 2, 3, 4),
      kernelCases,
      ([n, width, h, w], groups, how) => {
        const input = inputOf(n, width * groups, h, w);
        expectKernel(buildNode("channelShuffle", { input }, { groups }), channelShuffleCopy, how, {
          tolerance: 0,
        });
      },
    ),
    runs,
  );
});

test("channels become blocks of pixels in any layout", () => {
  fc.assert(
    fc.property(
      fc.tuple(images, fc.constantFrom(1, 2, 3, 4, 5), side, side),
      fc.constantFrom(1, 2, 3),
      kernelCases,
      ([n, c, h, w], factor, how) => {
        const input = inputOf(n, c * factor ** 2, h, w);
        expectKernel(buildNode("pixelShuffle", { input }, { factor }), pixelShuffleCopy, how, {
          tolerance: 0,
        });
      },
    ),
    runs,
  );
});

test("every mode of padding, along any axes, corners included", () => {
  const amounts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 2, max: 3 }), fc.constantFrom(2, 3, 4, 5, 8), side, side),
      fc.tuple(amounts, amounts),
      fc.constantFrom("constant" as const, "reflect" as const, "edge" as const),
      kernelCases,
      (shape, [before, after], mode, how) => {
        const limit = (list: readonly number[]): number[] =>
          list.map((n, axis) => (mode === "reflect" ? Math.min(n, shape[axis]! - 1) : n));
        const attrs = { before: limit(before), after: limit(after), mode, value: -0.5 };
        const node = buildNode("pad", { input: inputOf(...shape) }, attrs);
        expectKernel(node, padCopy, how, { tolerance: 0 });
      },
    ),
    runs,
  );
});
