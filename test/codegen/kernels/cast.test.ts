import fc from "fast-check";
import { test } from "vitest";
import { castElements } from "../../../src/codegen/kernels/cast.js";
import { buildNode } from "../../../src/ir/build.js";
import { u8 } from "../../../src/ir/types.js";
import {
  channelCounts,
  expectKernel,
  inputOf,
  inputOfType,
  kernelCases,
} from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 6 });

test("bytes of any layout become floats", () => {
  fc.assert(
    fc.property(channelCounts, side, side, fc.boolean(), kernelCases, (c, h, w, bytes, how) => {
      const input = bytes ? inputOfType(u8(1, c, h, w)) : inputOf(1, c, h, w);
      expectKernel(buildNode("cast", { input }, { to: "f32" }), castElements, how, {
        tolerance: 0,
      });
    }),
    { seed: 51, numRuns: 60 },
  );
});
