import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import type { Grant } from "../../src/ir/graph.js";
import { checkGrants } from "../../src/passes/check-grants.js";
import type { Level } from "../../src/passes/pipeline.js";
import * as g from "../support/graphs.js";

function warnings(level: Level, ...grants: readonly Grant[]): string[] {
  const report = new Report();
  checkGrants({ ...g.returns(g.input([1])), grants }, level, report);
  expect(report.hasErrors).toBe(false);
  return report.diagnostics.map(({ name, message }) => `${name}: ${message}`);
}

const separate: Grant = { kind: "separate", path: "layer1.0", within: 0.01 };

test("a grant whose pass is not there yet is told", () => {
  expect(warnings(2, separate, { kind: "precision", path: "", value: "int8" })).toEqual([
    'grant-not-available: separate("layer1.0", within=0.01): not available yet; the line is checked and carried, and changes nothing',
    "grant-not-available: precision(int8): not available yet; the line is checked and carried, and changes nothing",
  ]);
});

test("a level that takes no grants says so", () => {
  const calibrate: Grant = { kind: "calibrate", path: "", value: "samples" };
  expect(warnings(1, separate, calibrate)).toEqual([
    'grant-ignored: separate("layer1.0", within=0.01): ignored at level 1',
    'grant-ignored: calibrate("samples"): ignored at level 1',
  ]);
});

test("forbidding Winograd is kept at every level", () => {
  const winograd: Grant = { kind: "winograd", path: "", value: "off" };
  for (const level of [0, 1, 2] as const) expect(warnings(level, winograd)).toEqual([]);
});
