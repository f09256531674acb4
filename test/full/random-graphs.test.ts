import { expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { printGraph } from "../../src/ir/print.js";
import { relativeError } from "../support/close.js";
import { noiseFor } from "../support/graphs.js";
import { randomGraph } from "../support/random-graph.js";

const seeds = Array.from({ length: 300 }, (_, seed) => seed);

test.each(seeds)(
  "random graph %i: both targets compute what the evaluator computes",
  async (seed) => {
    const graph = randomGraph(seed);
    const inputs = noiseFor(graph, seed);
    const expected = evaluate(graph, inputs);
    for (const target of ["wasm", "ts"] as const) {
      const model = await instantiate(await compile(graph, { target, verifyEach: true }));
      const actual = model.run(Object.fromEntries(inputs));
      for (const [name, { data }] of expected) {
        const error = relativeError(actual[name] as Float32Array, data);
        if (!(error < 1e-5)) throw new Error(`${target}, ${name}: ${error}\n${printGraph(graph)}`);
        expect(error).toBeLessThan(1e-5);
      }
    }
  },
);
