import { expect, test } from "vitest";
import { evaluate } from "../../src/ir/evaluate.js";
import { printGraph } from "../../src/ir/print.js";
import { verify } from "../../src/ir/verify.js";
import { noiseFor } from "./graphs.js";
import { randomGraph } from "./random-graph.js";
import { structuredGraph, structures } from "./structures.js";

test.each(Object.entries(structures))(
  "%s makes networks of ordinary numbers by itself",
  (_, make) => {
    for (const seed of [1, 2, 3, 4]) {
      const graph = randomGraph(seed, { only: [], extra: [make], steps: 1 });
      verify(graph);
      expect(graph.nodes.some(({ op }) => op === "conv2d")).toBe(true);
      for (const { data } of evaluate(graph, noiseFor(graph)).values()) {
        const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        expect(largest).toBeLessThan(100);
      }
    }
  },
);

test("a seed means one network, another seed another", () => {
  expect(printGraph(structuredGraph(5))).toBe(printGraph(structuredGraph(5)));
  expect(printGraph(structuredGraph(6))).not.toBe(printGraph(structuredGraph(5)));
});
