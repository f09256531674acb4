import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { sinkReshapes } from "../../src/passes/sink-reshapes.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const flat = () => g.flatten(g.image(3, 2));
const two = g.literal([1, 1], [2]);

test("element-wise nodes move in front of the reshape they read", () => {
  const graph = g.returns(g.relu(g.binary("sub", two, flat())));
  const sunk = runPass(sinkReshapes, graph);
  expect(printGraph(sunk)).toBe(
    [
      "graph test(@x: f32[1,3,2,2])",
      "%0 = sub(2, @x) : f32[1,3,2,2]",
      "%1 = relu(%0) : f32[1,3,2,2]",
      "%2 = reshape(%1) : f32[1,12]",
      "return y=%2",
    ].join("\n"),
  );
  expectSameMeaning(sunk, graph, 0);
});

test("a number with more axes than the reshape gives the result its axes", () => {
  const graph = g.returns(g.mul(flat(), g.literal([1, 1, 1], [2])));
  const sunk = runPass(sinkReshapes, graph);
  expect(sunk.outputs[0]!.value.type.shape).toEqual([1, 1, 12]);
  expect(sunk).not.toBe(graph);
  expectSameMeaning(sunk, graph, 0);
});

test.each<[string, () => Value[]]>([
  [
    "that something else reads",
    () => {
      const shared = flat();
      return [g.relu(shared), shared];
    },
  ],
  ["beside a constant of several numbers", () => [g.add(flat(), g.weights([12], 1))]],
  ["of a constant beside a reshape", () => [g.add(flat(), g.reshape(g.weights([3, 4], 1), 12))]],
  ["beside another value", () => [g.add(flat(), g.input([1, 12], "y"))]],
  ["in front of a softmax", () => [g.softmax(flat())]],
])("a reshape %s is left alone", (_, make) => {
  const graph = g.returns(...make());
  expect(runPass(sinkReshapes, graph)).toBe(graph);
});
