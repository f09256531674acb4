import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { printPlan } from "../../src/cli/plan-text.js";
import { printModule } from "../../src/codegen/loops/print.js";
import { emitTypescript } from "../../src/codegen/typescript/module.js";
import { emitWat } from "../../src/codegen/wasm/module.js";
import { Report } from "../../src/diagnostics/report.js";
import { printGraph } from "../../src/ir/print.js";
import { bindModel, elaborateSource, optimise, planModel } from "../../src/pipeline.js";
import { innerLoops } from "./inner-loops.js";

const here = dirname(fileURLToPath(import.meta.url));
const update = process.env.UPDATE_GOLDEN === "1";

const cases = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** What the stages make of a model, by the file that holds it. */
async function stagesOf(path: string): Promise<Record<string, string>> {
  const [report, options] = [new Report(), { init: { kind: "he", seed: 0 } } as const];
  const source = { kind: "file", path } as const;
  const bound = bindModel(source, elaborateSource(source, options, report), options, report);
  const { graph } = optimise(bound, options, report);
  const vectors = planModel(graph, options, report);
  const scalars = planModel(graph, { ...options, target: "ts" }, report);
  expect(report.diagnostics).toEqual([]);
  return {
    "graph.txt": printGraph(graph),
    "plan.txt": printPlan(vectors),
    "loops.txt": printModule(vectors.module),
    "kernel.ts.txt": (await emitTypescript(scalars.module)).kernels,
    "inner-loops.txt": innerLoops(await emitWat(vectors.module)),
  };
}

const withEnd = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

test.each(cases)("%s is compiled as it was", async (name) => {
  const folder = join(here, name);
  const stages = await stagesOf(join(folder, "model.cnn"));
  for (const [file, text] of Object.entries(stages)) {
    const path = join(folder, file);
    if (update) writeFileSync(path, withEnd(text));
    expect(withEnd(text), file).toBe(readFileSync(path, "utf8"));
  }
});

test("every case stands for what its first line says, in six folders", () => {
  expect(cases).toHaveLength(6);
  for (const name of cases) {
    expect(readFileSync(join(here, name, "model.cnn"), "utf8")).toMatch(/^\/\/ [A-Z].+\.\n/);
  }
});
