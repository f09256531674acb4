import { expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { costOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { printGraph } from "../../src/ir/print.js";
import { relativeError } from "../support/close.js";
import { noiseFor } from "../support/graphs.js";
import { randomGraph } from "../support/random-graph.js";

const seeds = Array.from({ length: 300 }, (_, seed) => 1000 + seed);

test.each(seeds)(
  "random network %i without grants: outputs stay and multiply-accumulates never grow",
  async (seed) => {
    const graph = randomGraph(seed);
    const inputs = noiseFor(graph, seed);
    const expected = evaluate(graph, inputs);
    for (const [winograd, limit] of [
      ["off", 1e-5],
      [undefined, 1e-4],
    ] as const) {
      const compiled = await compile(graph, { winograd });
      expect(compiled.report.macs, printGraph(graph)).toBeLessThanOrEqual(costOf(graph).macs);
      const actual = (await instantiate(compiled)).run(Object.fromEntries(inputs));
      for (const [name, { data }] of expected) {
        const error = relativeError(actual[name] as Float32Array, data);
        if (!(error < limit)) throw new Error(`${name}: ${error}\n${printGraph(graph)}`);
      }
    }
  },
);
