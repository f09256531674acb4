import { expect, test } from "vitest";
import { removeUnused } from "../../src/passes/remove-unused.js";
import * as g from "../support/graphs.js";
import { runPass } from "../support/run-pass.js";

const graph = g.returns(g.relu(g.image(3, 4)));
const idle = g.conv(graph.inputs[0]!.value, 2);

test("nodes that no output needs are dropped", () => {
  const { weight, bias } =
    idle.node.op === "conv2d" ? idle.node.operands : { weight: idle, bias: idle };
  const nodes = [...graph.nodes, weight.node, bias!.node, idle.node];
  expect(runPass(removeUnused, { ...graph, nodes }).nodes).toEqual(graph.nodes);
  const cluttered = { ...graph, nodes };
  expect(runPass(removeUnused, cluttered, 0)).toBe(cluttered);
});

test("an input stays though nobody reads it", () => {
  const spare = { name: "z", value: g.image(1, 2, 2, { name: "z" }) };
  const nodes = [spare.value.node, ...graph.nodes];
  const two = { ...graph, inputs: [...graph.inputs, spare], nodes };
  expect(runPass(removeUnused, two)).toBe(two);
});
