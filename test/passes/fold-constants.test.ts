import { expect, test } from "vitest";
import { dataOf } from "../../src/ir/constants.js";
import { printGraph } from "../../src/ir/print.js";
import { foldConstants } from "../../src/passes/fold-constants.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

test("what depends on constants alone is computed, however deep", () => {
  const slope = g.relu(g.add(g.literal([2], [1, -3], "fc.slope"), g.literal([], [1])));
  const graph = g.returns(g.mul(g.input([1, 2]), g.reshape(slope, 1, 2)));
  const folded = runPass(foldConstants, graph);
  expect(printGraph(folded)).toBe(
    ["graph test(@x: f32[1,2])", "%0 = mul(@x, @fc.slope) : f32[1,2]", "return y=%0"].join("\n"),
  );
  expectSameMeaning(folded, graph);
});

test("every result of a node with several is computed", () => {
  const [a, b] = g.split(g.literal([1, 3], [1, 2, 3]), [1, 2]);
  const folded = runPass(foldConstants, g.returns(a!, b!));
  expect(folded.outputs.map(({ value }) => [...dataOf(value)!])).toEqual([[1], [2, 3]]);
});

test("trained numbers keep their role", () => {
  const scaled = g.mul(g.literal([], [2]), g.weights([3], 1));
  const folded = runPass(foldConstants, g.returns(scaled));
  const { node } = folded.outputs[0]!.value;
  expect(node.op === "constant" && node.attrs.role).toBe("parameter");
});

test("a small constant does not become a large one", () => {
  const grown = g.resize(g.literal([1, 1, 1, 1], [5]), [300, 300]);
  const graph = g.returns(g.add(g.image(1, 300), grown));
  expect(runPass(foldConstants, graph)).toBe(graph);
});

test("what depends on an input is left alone, and so is all beyond the allowed rewrites", () => {
  const graph = g.returns(g.add(g.input([3]), g.relu(g.weights([3], 1))));
  expect(runPass(foldConstants, graph, 0)).toBe(graph);
  const running = g.returns(g.relu(g.input([3])));
  expect(runPass(foldConstants, running)).toBe(running);
});
