import fc from "fast-check";
import { expect, test } from "vitest";
import { relayout } from "../../../src/codegen/kernels/relayout.js";
import { spansOf } from "../../../src/codegen/loops/ranges.js";
import { typescriptTarget, wasmTarget } from "../../../src/codegen/target.js";
import { f32 } from "../../../src/ir/types.js";
import { type Arrangement, arrange, positions, runFunction } from "../../support/kernel-site.js";

const arrangement: fc.Arbitrary<Arrangement> = fc.record({
  order: fc.constantFrom("nhwc", "rowMajor"),
  gap: fc.constantFrom(0, 1, 4),
  halo: fc.constantFrom(
    { top: 0, left: 0, bottom: 0, right: 0 },
    { top: 1, left: 1, bottom: 1, right: 1 },
    { top: 0, left: 2, bottom: 3, right: 1 },
  ),
});
const shape = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 13),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
);

test("every element arrives once and nothing beside it is touched, between any two layouts, in parts", () => {
  fc.assert(
    fc.property(
      shape,
      arrangement,
      arrangement,
      fc.constantFrom(wasmTarget, typescriptTarget),
      fc.integer({ min: 1, max: 3 }),
      (shape, from, to, target, parts) => {
        const [a, b] = [arrange(f32(...shape), from), arrange(f32(...shape), to)];
        const memory = new Float32Array(a.size + b.size + 48).fill(-1);
        const [source, result] = [16 + a.before, 32 + a.size + b.before];
        const expected = memory.slice();
        const [read, written] = [positions(a.layout), positions(b.layout)];
        for (const [i, at] of read.entries()) {
          memory[source + at] = i;
          expected[source + at] = i;
          expected[result + written[i]!] = i;
        }
        const copy = relayout(a.layout, b.layout, target, parts > 1);
        if (copy.units === 1) runFunction(copy.function, memory, [source, result]);
        else {
          for (const range of spansOf(copy.units, Math.min(parts, copy.units))) {
            const before = memory.slice();
            runFunction(copy.function, memory, [source, result], range);
            expect(memory).not.toEqual(before);
          }
        }
        expect(memory).toEqual(expected);
      },
    ),
    { seed: 1, numRuns: 80 },
  );
});
