import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { printGraph } from "../../src/ir/print.js";
import { allPasses, pipelines } from "../../src/passes/pipeline.js";
import { type RunOptions, runPasses } from "../../src/passes/run.js";
import * as g from "../support/graphs.js";

const first = g.norm(g.conv(g.image(3, 8), 4, { name: "conv1" }), { name: "bn1" });
const second = g.norm(g.conv(g.dropout(g.relu(first)), 4, { name: "conv2" }), { name: "bn2" });
const network = g.returns(second);

function run(options: Partial<RunOptions> = {}) {
  const report = new Report();
  const results = runPasses(network, { level: 1, verifyEach: true, report, ...options });
  return { ...results, said: report.diagnostics.map(({ name, message }) => `${name}: ${message}`) };
}

test("a report tells what each pass did and what that saved", () => {
  const { passes, graph } = run();
  const of = (pass: string) => passes.find(({ name }) => name === pass)!;
  expect(passes.map(({ name }) => name)).toEqual(pipelines[1].map(({ name }) => name));
  const active = passes.filter(({ changes }) => changes > 0);
  expect(active.map(({ name, changes }) => `${name} ${changes}`)).toEqual([
    "remove-identities 1",
    "fold-batch-norm 2",
    "fuse-epilogue 1",
  ]);
  const macs = 64 * 4 * (27 + 36);
  expect(of("fold-batch-norm")).toMatchObject({ macsBefore: macs, macsAfter: macs });
  expect(of("fold-batch-norm")).toMatchObject({ paramsBefore: 276, paramsAfter: 260 });
  expect(of("fold-batch-norm")).toMatchObject({ bytesBefore: 1168, bytesAfter: 1040 });
  expect(passes.every(({ ms }) => ms >= 0)).toBe(true);
  expect(printGraph(graph).split("\n")).toHaveLength(4);
});

test("every rewrite is told, and the first few can be made alone", () => {
  const all = run().rewrites;
  expect(all.map(({ pass, name, op }) => `${pass} ${name} ${op}`)).toEqual([
    "remove-identities  dropout",
    "fold-batch-norm bn1 batchNorm",
    "fold-batch-norm bn2 batchNorm",
    "fuse-epilogue  unary",
  ]);
  for (let most = 0; most <= all.length; most++) {
    expect(run({ maxRewrites: most }).rewrites).toHaveLength(most);
  }
  expect(run({ maxRewrites: 0 }).graph).toBe(network);
  expect(printGraph(run({ maxRewrites: 2 }).graph)).toContain("batchNorm");
});

test("passes can be left out, and the rest after one too", () => {
  const { passes, graph } = run({ disable: ["fold-batch-norm", "fold-scales", "fuse-epilogue"] });
  expect(passes.map(({ name }) => name)).not.toContain("fold-batch-norm");
  expect(printGraph(graph)).toContain("mul(");
  const stopped = run({ stopAfter: "remove-identities" });
  expect(stopped.passes.at(-1)!.name).toBe("remove-identities");
  expect(printGraph(stopped.graph)).toContain("batchNorm");
  expect(printGraph(stopped.graph)).not.toContain("dropout");
});

test("the graph is printed after the passes asked for, changed or not", () => {
  const { dumps } = run({ printAfter: ["fold-batch-norm", "fold-constants"] });
  expect(dumps.map(({ pass }) => pass)).toEqual(["fold-constants", "fold-batch-norm"]);
  expect(dumps[0]!.text).toContain("batchNorm");
  expect(dumps[1]!.text).not.toContain("batchNorm");
});

test("level 0 leaves a network as written, level 2 without grants does what level 1 does", () => {
  expect(run({ level: 0 }).graph).toBe(network);
  expect(printGraph(run({ level: 2 }).graph)).toBe(printGraph(run().graph));
});

test("grants that no pass uses are told", () => {
  const report = new Report();
  const grants = [{ kind: "precision", path: "", value: "int8" } as const];
  runPasses({ ...network, grants }, { level: 2, report });
  expect(report.diagnostics.map(({ name }) => name)).toEqual(["grant-not-available"]);
});

test("a name of no pass is an error with the nearest one", () => {
  const report = new Report();
  const options = { disable: ["fuse-epilog"], stopAfter: "foldBatchNorm", printAfter: ["x"] };
  runPasses(network, { level: 1, report, ...options });
  expect(report.diagnostics.map(({ message, hint }) => `${message} (${hint})`)).toEqual([
    'disable: there is no pass called "fuse-epilog" (did you mean fuse-epilogue?)',
    'stop-after: there is no pass called "foldBatchNorm" (did you mean fold-batch-norm?)',
    `print-after: there is no pass called "x" (passes: ${allPasses.map(({ name }) => name).join(", ")})`,
  ]);
  expect(report.hasErrors).toBe(true);
});

test("a pass that is not come to is a warning", () => {
  expect(run({ level: 0, printAfter: ["fuse-epilogue"] }).said).toEqual([
    "pass-not-run: print-after: the pass fuse-epilogue does not run at level 0 with these options",
  ]);
  const said = run({ stopAfter: "merge-pad", printAfter: ["fuse-epilogue"] }).said;
  expect(said).toHaveLength(1);
  expect(run({ level: 0, disable: ["merge-pad"] }).said).toHaveLength(1);
});

test("names of passes are kebab-case and each stands once", () => {
  const names = allPasses.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
});
