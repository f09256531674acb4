import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { bindModel, elaborateSource, optimise, planModel } from "../../src/pipeline.js";
import { exampleModels } from "../support/examples.js";

const options = { init: { kind: "zeros", seed: 0 } } as const;

for (const { name, file, model } of exampleModels) {
  test(`the arena of ${name}'s ${model} is within a tenth of its bound`, () => {
    const report = new Report();
    const source = { kind: "file", path: file } as const;
    const { labels: _, ...elaborated } = elaborateSource(source, { ...options, model }, report);
    const { graph } = optimise(bindModel(source, elaborated, options, report), options, report);
    for (const target of ["wasm", "ts"] as const) {
      const { arenaBytes, arenaBound } = planModel(graph, { ...options, target }, report);
      expect(arenaBytes).toBeLessThanOrEqual(1.1 * arenaBound);
    }
  });
}
