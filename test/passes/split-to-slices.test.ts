import { expect, test } from "vitest";
import { printGraph } from "../../src/ir/print.js";
import { splitToSlices } from "../../src/passes/split-to-slices.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

test("each part of a split becomes a slice", () => {
  const [a, b] = g.split(g.image(5, 2), [2, 3]);
  const graph = g.returns(a!, b!);
  const sliced = runPass(splitToSlices, graph);
  expect(printGraph(sliced)).toBe(
    [
      "graph test(@x: f32[1,5,2,2])",
      "%0 = slice(@x) starts=[0,0,0,0] sizes=[1,2,2,2] steps=[1,1,1,1] : f32[1,2,2,2]",
      "%1 = slice(@x) starts=[0,2,0,0] sizes=[1,3,2,2] steps=[1,1,1,1] : f32[1,3,2,2]",
      "return y0=%0, y1=%1",
    ].join("\n"),
  );
  expectSameMeaning(sliced, graph, 0);
});

test("a part that nobody reads vanishes", () => {
  const last = g.split(g.image(5, 4), [1, 3], 2)[1]!;
  const graph = g.returns(last);
  const sliced = runPass(splitToSlices, graph);
  expect(sliced.nodes).toHaveLength(2);
  expectSameMeaning(sliced, graph, 0);
});

test("a graph without splits stays the same", () => {
  const graph = g.returns(g.slice(g.image(3, 4), 1, 0, 2));
  expect(runPass(splitToSlices, graph)).toBe(graph);
});
