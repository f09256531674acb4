import { expect, test } from "vitest";
import { printGraph } from "../../src/ir/print.js";
import { shareEqualNodes } from "../../src/passes/share-equal-nodes.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const x = g.image(3, 4);
const elu = (alpha: number) => g.unary(x, { kind: "elu", alpha });

test("equal branches are computed once, with one set of weights", () => {
  const branch = () => g.relu(g.conv(x, 3, { name: "conv" }));
  const graph = g.returns(g.add(branch(), branch()));
  const shared = runPass(shareEqualNodes, graph);
  expect(printGraph(shared)).toBe(
    [
      "graph test(@x: f32[1,3,4,4])",
      "%0 = conv2d(@x, @conv.weight, @conv.bias) pads=[1,1,1,1] : f32[1,3,4,4]  // conv",
      "%1 = relu(%0) : f32[1,3,4,4]",
      "%2 = add(%1, %1) : f32[1,3,4,4]",
      "return y=%2",
    ].join("\n"),
  );
  expect(shared.nodes.filter(({ op }) => op === "constant")).toHaveLength(2);
  expectSameMeaning(shared, graph, 0);
});

test("equal weights of different nodes keep their names", () => {
  const first = g.conv(x, 3, { name: "conv1" });
  const graph = g.returns(g.conv(g.relu(first), 3, { name: "conv2" }));
  expect(runPass(shareEqualNodes, graph)).toBe(graph);
});

test.each([
  ["attributes", () => [elu(1), elu(2)]],
  ["signs of zero among the attributes", () => [elu(0), elu(-0)]],
  ["operands", () => [g.relu(g.image(3, 4)), g.relu(g.image(3, 4, 4, { name: "y" }))]],
  [
    "places of operands",
    () => {
      const [a, b] = [g.image(3, 4), g.image(3, 4, 4, { name: "y" })];
      return [g.binary("sub", a, b), g.binary("sub", b, a)];
    },
  ],
  [
    "parts of one operand",
    () => {
      const [a, b] = g.split(g.image(4, 4), [2, 2]);
      return [g.relu(a!), g.relu(b!)];
    },
  ],
  [
    "numbers between the first, middle and last",
    () => [g.relu(g.literal([5], [1, 2, 3, 4, 5])), g.relu(g.literal([5], [1, 2, 3, 0, 5]))],
  ],
  ["shapes", () => [g.relu(g.literal([1, 2], [1, 2])), g.relu(g.literal([2], [1, 2]))]],
  [
    "roles",
    () => [g.relu(g.weights([2], 1, "", "parameter")), g.relu(g.weights([2], 1, "", "statistic"))],
  ],
  ["inputs", () => [g.image(1, 2), g.image(1, 2, 2, { name: "y" })]],
])("nodes with different %s stay apart", (_, make) => {
  const graph = g.returns(...make());
  expect(runPass(shareEqualNodes, graph)).toBe(graph);
});
