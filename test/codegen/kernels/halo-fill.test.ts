import fc from "fast-check";
import { expect, test } from "vitest";
import { haloFill } from "../../../src/codegen/kernels/halo-fill.js";
import { typescriptTarget, wasmTarget } from "../../../src/codegen/target.js";
import { f32 } from "../../../src/ir/types.js";
import { arrange, haloPositions, runFunction } from "../../support/kernel-site.js";

const side = fc.integer({ min: 0, max: 3 });
const shape = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 13),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 4 }),
);

test("the halo becomes zeros and nothing else is touched", () => {
  fc.assert(
    fc.property(
      shape,
      fc.record({ top: side, left: side, bottom: side, right: side }),
      fc.constantFrom(0, 3, 4),
      fc.constantFrom(wasmTarget, typescriptTarget),
      (shape, halo, gap, target) => {
        const { layout, before, size } = arrange(f32(...shape), { order: "nhwc", gap, halo });
        const memory = new Float32Array(size + 32).fill(7);
        const expected = memory.slice();
        for (const at of haloPositions(layout)) expected[16 + before + at] = 0;
        runFunction(haloFill(layout, target), memory, [16 + before]);
        expect(memory).toEqual(expected);
      },
    ),
    { seed: 2, numRuns: 50 },
  );
});
