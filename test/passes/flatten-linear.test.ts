import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { flattenLinear } from "../../src/passes/flatten-linear.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

test("a product with a flattened image becomes a convolution as large as the image", () => {
  const image = g.maxPool(g.image(3, 4, 6, { batch: 2 }));
  const graph = g.returns(g.linear(g.flatten(image), 5, { name: "fc" }));
  const flat = runPass(flattenLinear, graph);
  expect(printGraph(flat)).toBe(
    [
      "graph test(@x: f32[2,3,4,6])",
      "%0 = maxPool(@x) kernel=2 stride=2 : f32[2,3,2,3]",
      "%1 = conv2d(%0, @fc.weight, @fc.bias) : f32[2,5,1,1]  // fc",
      "%2 = reshape(%1) : f32[2,5]",
      "return y=%2",
    ].join("\n"),
  );
  expectSameMeaning(flat, graph);
});

test("without a bias too", () => {
  const graph = g.returns(g.linear(g.flatten(g.image(3, 4, 5)), 2, { bias: false }));
  const flat = runPass(flattenLinear, graph);
  expect(printGraph(flat)).toContain("conv2d(@x, @weight)");
  expectSameMeaning(flat, graph);
});

test.each<[string, () => Value]>([
  ["of one pixel", () => g.linear(g.flatten(g.gap(g.image(3, 4))), 5)],
  ["whose images are taken apart", () => g.linear(g.reshape(g.image(3, 2), 3, 4), 5)],
  ["that was no image", () => g.linear(g.flatten(g.input([2, 3, 4])), 5)],
  ["that is not flattened", () => g.linear(g.input([2, 3]), 5)],
])("a product with a value %s is left alone", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(flattenLinear, graph)).toBe(graph);
});
