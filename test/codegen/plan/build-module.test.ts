import fc from "fast-check";
import { expect, test } from "vitest";
import { FunctionBuilder } from "../../../src/codegen/loops/build.js";
import { partsOf } from "../../../src/codegen/loops/ranges.js";
import type { LoopFunction } from "../../../src/codegen/loops/types.js";
import { FunctionTable, partsFor } from "../../../src/codegen/plan/build-module.js";

function storing(name: string, offset: number): LoopFunction {
  const f = new FunctionBuilder(name, `stores at ${offset}`);
  const at = f.param("at", "floats");
  f.store(at, offset, { kind: "const", type: "f32", value: 1 });
  return f.done();
}

test("functions that do the same are one, others get names of their own", () => {
  const table = new FunctionTable();
  expect(table.nameOf(storing("store", 1))).toBe("store");
  expect(table.nameOf(storing("store", 2))).toBe("store_v2");
  expect(table.nameOf(storing("other", 1))).toBe("store");
  expect(table.functions.map(({ name }) => name)).toEqual(["store", "store_v2"]);
});

test("parts cover all units once, in order, and large steps have eight", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 0, max: 2e7 }),
      (units, work) => {
        const parts = partsOf({ units, parts: partsFor(units, work) });
        expect(
          parts.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)),
        ).toEqual(Array.from({ length: units }, (_, i) => i));
        expect(parts.every(([from, to]) => from < to)).toBe(true);
        expect(parts.length).toBeLessThanOrEqual(8);
      },
    ),
    { seed: 23, numRuns: 100 },
  );
  expect(partsFor(56, 100_000_000)).toBe(8);
  expect(partsFor(56, 1000)).toBe(1);
});
