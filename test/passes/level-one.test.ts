import { expect, test } from "vitest";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { casesOf, complaint, expectSound, structural } from "../support/levels.js";
import { structuredGraph } from "../support/structures.js";

test("level 1 keeps outputs and never costs predicted time, on networks with structure", () => {
  const seeds = Array.from({ length: 30 }, (_, at) => at);
  const cases = [
    ...casesOf(seeds, structuredGraph, wasmTarget),
    ...casesOf(seeds, (seed) => structuredGraph(100 + seed), typescriptTarget),
  ];
  expectSound(cases);
  const fired = new Set(cases.flatMap(({ levels }) => levels.fired));
  expect([...fired].sort()).toEqual(structural.toSorted());
});

test("a network that moved, costs more time or more multiply-accumulates is complained of", () => {
  const fine = { fired: [], error: 1e-7, ms: 1, plainMs: 1, macs: 9, writtenMacs: 9 };
  expect(complaint(fine)).toBeUndefined();
  expect(complaint({ ...fine, error: Number.NaN })).toBe("outputs move by NaN");
  expect(complaint({ ...fine, error: 3e-6 })).toBe("outputs move by 0.000003");
  expect(complaint({ ...fine, ms: 1.01 })).toBe("predicted 1.01 ms against 1 ms without");
  expect(complaint({ ...fine, macs: 10 })).toBe("10 MACs against 9 as written");
  expect(complaint({ ...fine, macs: 10, ms: 0.5 })).toBeUndefined();
});
