import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { bindModel, elaborateSource, optimise, planModel } from "../../src/pipeline.js";

const examples = new URL("../../examples/", import.meta.url);

const options = { init: { kind: "zeros", seed: 0 } } as const;

for (const name of readdirSync(examples)) {
  test(`the arena of ${name} is within a tenth of its bound`, () => {
    const report = new Report();
    const folder = new URL(`${name}/`, examples);
    const file = readdirSync(folder).find((entry) => entry.endsWith(".cnn"));
    const source = { kind: "file", path: new URL(file ?? "", folder).pathname } as const;
    const { labels: _, ...elaborated } = elaborateSource(source, options, report);
    const { graph } = optimise(bindModel(source, elaborated, options, report), options, report);
    for (const target of ["wasm", "ts"] as const) {
      const { arenaBytes, arenaBound } = planModel(graph, { ...options, target }, report);
      expect(arenaBytes).toBeLessThanOrEqual(1.1 * arenaBound);
    }
  });
}
