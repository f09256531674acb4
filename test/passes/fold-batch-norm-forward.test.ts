import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { foldBatchNormForward } from "../../src/passes/fold-batch-norm-forward.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const fold = (value: Value) => runPass(foldBatchNormForward, g.returns(value));

/** A batch norm with β = μ·s: it scales without shifting. */
const scaling = (value: Value): Value => {
  const zeros = g.literal([value.type.shape[1]!], [0, 0, 0]);
  return g.norm(value, { beta: zeros, mean: zeros });
};

test("a batch norm before an unpadded convolution goes into its weights", () => {
  const conv = g.conv(g.norm(g.image(3, 8)), 4, { pads: 0, name: "conv1" });
  expect(printGraph(fold(conv))).toBe(
    [
      "graph test(@x: f32[1,3,8,8])",
      "%0 = conv2d(@x, @conv1.weight, @conv1.bias) : f32[1,4,6,6]  // conv1",
      "return y=%0",
    ].join("\n"),
  );
});

test("a batch norm that does not shift goes into a padded convolution too", () => {
  const graph = g.returns(g.conv(scaling(g.image(3, 8)), 4));
  const folded = runPass(foldBatchNormForward, graph);
  expect(printGraph(folded)).not.toContain("batchNorm");
  expectSameMeaning(folded, graph);
});

test.each<[string, () => Value]>([
  ["that shifts before a padded convolution", () => g.conv(g.norm(g.image(3, 8)), 4)],
  [
    "that shifts before a convolution padded on one side",
    () => g.conv(g.norm(g.image(3, 8)), 4, { pads: [0, 0, 0, 1] }),
  ],
  [
    "that something else reads",
    () => {
      const normed = g.norm(g.image(3, 8));
      return g.concat([g.conv(normed, 4, { kernel: 1 }), normed]);
    },
  ],
  [
    "with a mean known only at run time",
    () => g.conv(g.norm(g.image(3, 8), { mean: g.input([3], "mean") }), 4, { pads: 0 }),
  ],
  ["before an activation", () => g.conv(g.relu(g.norm(g.image(3, 8))), 4, { pads: 0 })],
])("a batch norm %s is left alone", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(foldBatchNormForward, graph)).toBe(graph);
});

test("folding never changes what the graph computes", () => {
  const options = fc.record({
    seed: fc.nat(),
    stride: fc.integer({ min: 1, max: 2 }),
    groups: fc.constantFrom(1, 2, 4),
    bias: fc.boolean(),
    pads: fc.constant(0),
  });
  fc.assert(
    fc.property(options, fc.boolean(), fc.boolean(), (option, isLinear, chained) => {
      const image = g.image(4, 5, 6, { batch: 2 });
      const normed = g.norm(isLinear ? g.flatten(image) : image, { seed: option.seed + 1 });
      const input = chained ? g.norm(normed, { seed: 50 }) : normed;
      const graph = g.returns(isLinear ? g.linear(input, 8, option) : g.conv(input, 8, option));
      const folded = runPass(foldBatchNormForward, graph);
      expect(printGraph(folded)).not.toContain("batchNorm");
      expectSameMeaning(folded, graph);
    }),
    { numRuns: 30 },
  );
});
