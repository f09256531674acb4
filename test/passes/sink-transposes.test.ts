import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { sinkTransposes } from "../../src/passes/sink-transposes.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const last = (value: Value): Value => g.transpose(value, 0, 2, 3, 1);
const image = (name = "x"): Value => last(g.image(3, 2, 4, { name }));

test("element-wise nodes, joins and pads move in front of the transpositions they read", () => {
  const shifted = g.add(g.relu(image()), g.weights([3], 1));
  const joined = g.concat([shifted, image("z")], 3);
  const graph = g.returns(g.pad(joined, [2, 1, 0, 3], "constant", { value: 0.5, front: 1 }));
  const sunk = runPass(sinkTransposes, graph);
  expect(printGraph(sunk).split("\n").slice(1)).toEqual([
    "%0 = relu(@x) : f32[1,3,2,4]",
    "%1 = add(%0, @constant) : f32[1,3,2,4]",
    "%2 = concat(%1, @z) axis=1 : f32[1,6,2,4]",
    "%3 = pad(%2) before=[0,1,1,2] after=[0,3,0,0] value=0.5 : f32[1,10,3,6]",
    "%4 = transpose(%3) permutation=[0,2,3,1] : f32[1,3,6,10]",
    "return y=%4",
  ]);
  expectSameMeaning(sunk, graph, 0);
});

test("two operands that are transposed alike are transposed once", () => {
  const graph = g.returns(
    g.binary("sub", image(), g.binary("mul", g.literal([], [2]), image("z"))),
  );
  const sunk = runPass(sinkTransposes, graph);
  expect(sunk.nodes.filter(({ op }) => op === "transpose")).toHaveLength(1);
  expect(sunk.outputs[0]!.value.node.op).toBe("transpose");
  expectSameMeaning(sunk, graph, 0);
});

test.each<[string, () => Value[]]>([
  [
    "that something else reads",
    () => {
      const shared = image();
      return [g.relu(shared), shared];
    },
  ],
  ["beside a constant along several axes", () => [g.add(image(), g.weights([4, 3], 1))]],
  ["beside another value", () => [g.add(image(), g.input([1, 2, 4, 3], "z"))]],
  [
    "beside one of another order",
    () => [g.add(image(), g.transpose(g.input([1, 3, 4, 2], "z"), 0, 3, 2, 1))],
  ],
  ["in front of a softmax", () => [g.softmax(image())]],
])("a transposition %s is left alone", (_, make) => {
  const graph = g.returns(...make());
  expect(runPass(sinkTransposes, graph)).toBe(graph);
});
