import { expect, test } from "vitest";
import { evaluate } from "../../src/ir/evaluate.js";
import { operators } from "../../src/ir/ops/index.js";
import { printGraph } from "../../src/ir/print.js";
import { verify } from "../../src/ir/verify.js";
import { noiseFor } from "./graphs.js";
import { type MakerName, makers, randomGraph } from "./random-graph.js";

const graphs = Array.from({ length: 150 }, (_, seed) => randomGraph(seed));

test("random networks hold together and compute finite numbers of ordinary size", () => {
  for (const graph of graphs) {
    verify(graph);
    for (const [name, { data }] of evaluate(graph, noiseFor(graph))) {
      const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(largest, `${name} of\n${printGraph(graph)}`).toBeLessThan(1e4);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  }
});

test("together they use every operator but those that only passes make", () => {
  const used = new Set(graphs.flatMap(({ nodes }) => nodes.map(({ op }) => op)));
  const unused = Object.keys(operators).filter((op) => !used.has(op as keyof typeof operators));
  expect(unused).toEqual(["parameter", "elementwise"]);
});

test("a seed means one network, another seed another", () => {
  expect(printGraph(randomGraph(5))).toBe(printGraph(randomGraph(5)));
  expect(new Set(graphs.map(printGraph)).size).toBe(graphs.length);
});

test.each(Object.keys(makers) as MakerName[])("%s makes networks by itself", (name) => {
  const sizes = [1, 2, 3, 4].map(
    (seed) => randomGraph(seed, { only: [name], steps: 2 }).nodes.length,
  );
  expect(Math.max(...sizes)).toBeGreaterThan(2);
});
