import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import type { Grant } from "../../src/ir/graph.js";
import { calibrationOf, checkGrants } from "../../src/passes/check-grants.js";
import type { Level } from "../../src/passes/pipeline.js";
import * as g from "../support/graphs.js";

function told(level: Level, ...grants: readonly Grant[]): string[] {
  const report = new Report();
  const graph = g.returns(g.conv(g.image(3, 8), 4, { name: "layer1.0" }));
  checkGrants({ ...graph, grants }, level, report);
  return report.diagnostics.map(({ severity, name, message }) => `${severity} ${name}: ${message}`);
}

const separate: Grant = { kind: "separate", path: "layer1.0", within: 0.01 };
const calibrate: Grant = { kind: "calibrate", path: "", value: "samples" };

test("a grant whose pass is not there yet is told", () => {
  expect(told(2, separate, { kind: "precision", path: "", value: "int8" })).toEqual([
    "warning grant-not-available: precision(int8): not available yet; the line is checked and carried, and changes nothing",
  ]);
});

test("a level that takes no grants says so", () => {
  const tolerance: Grant = { kind: "prune", path: "", within: 0.1, option: "tolerance" };
  expect(told(1, separate, calibrate, tolerance)).toEqual([
    'warning grant-ignored: separate("layer1.0", within=0.01): ignored at level 1',
    'warning grant-ignored: calibrate("samples"): ignored at level 1',
    'warning grant-ignored: option "tolerance": ignored at level 1',
  ]);
});

test("forbidding Winograd is kept at every level", () => {
  const winograd: Grant = { kind: "winograd", path: "", value: "off" };
  for (const level of [0, 1, 2] as const) expect(told(level, winograd)).toEqual([]);
});

test("a path without a convolution, which may not be a part of a name, is an error", () => {
  expect(told(2, { ...separate, path: "layer1" })).toEqual([]);
  expect(told(2, { ...separate, path: "layer" })).toEqual([
    'error grant-without-convolution: separate("layer", within=0.01): "layer" has no convolution',
  ]);
});

test("a tolerance that allows nothing is an error", () => {
  for (const within of [0, -0.5]) {
    expect(told(2, { ...separate, within })).toEqual([
      `error grant-tolerance: separate("layer1.0", within=${within}): an error of at most ${within} allows nothing`,
    ]);
  }
});

test("examples that nothing needs, or that a later line replaces, are told", () => {
  expect(told(2, calibrate)).toEqual([
    'warning calibration-unused: calibrate("samples"): the examples are not used: no line lets layers be rewritten',
  ]);
  const later: Grant = { ...calibrate, value: "others" };
  expect(told(2, separate, calibrate, later)).toEqual([
    'warning calibration-unused: calibrate("samples"): the examples are not used: a later line names others',
  ]);
});

test("examples of the option win over those of a line, which is not told then", () => {
  const option: Grant = { ...calibrate, value: "given", option: "calibrate" };
  expect(calibrationOf([option, calibrate])).toBe(option);
  expect(told(2, separate, calibrate, option)).toEqual([]);
});
