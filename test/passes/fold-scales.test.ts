import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { foldScales } from "../../src/passes/fold-scales.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const conv = () => g.conv(g.image(3, 4), 2, { name: "conv" });

test("sums and products with constants go into the convolution before them", () => {
  const scaled = g.mul(g.literal([2, 1, 1], [2, -3]), conv());
  const graph = g.returns(g.add(g.binary("div", scaled, g.literal([], [4])), g.literal([1], [1])));
  const folded = runPass(foldScales, graph);
  expect(printGraph(folded)).toBe(
    [
      "graph test(@x: f32[1,3,4,4])",
      "%0 = conv2d(@x, @conv.weight, @conv.bias) pads=[1,1,1,1] : f32[1,2,4,4]  // conv",
      "return y=%0",
    ].join("\n"),
  );
  expectSameMeaning(folded, graph);
});

test.each<[string, () => Value]>([
  ["with numbers that differ within a channel", () => g.mul(conv(), g.weights([4], 1))],
  ["that lets the result grow", () => g.mul(conv(), g.weights([1, 1, 2, 1, 1], 1))],
  ["with a value known only at run time", () => g.mul(conv(), g.input([2, 1, 1], "k"))],
  ["of a constant by it", () => g.binary("div", g.literal([], [2]), conv())],
  ["that is no sum or product", () => g.binary("max", conv(), g.literal([], [2]))],
  ["by zero", () => g.binary("div", conv(), g.literal([], [0]))],
  [
    "of a value that something else reads",
    () => {
      const shared = conv();
      return g.add(g.mul(shared, g.literal([], [2])), shared);
    },
  ],
])("an operation %s is left alone", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(foldScales, graph)).toBe(graph);
});

test("folding never changes what the graph computes", () => {
  const fn = fc.constantFrom("add", "sub", "mul", "div");
  const kind = fc.constantFrom("conv", "deconv", "linear");
  const property = fc.property(fn, kind, fc.boolean(), fc.boolean(), (fn, kind, isLeft, single) => {
    const image = g.image(4, 3, 4, { batch: 2 });
    const value = {
      conv: () => g.conv(image, 6, { groups: 2 }),
      deconv: () => g.deconv(image, 6, { groups: 2 }),
      linear: () => g.linear(g.flatten(image), 6, { bias: false }),
    }[kind]();
    const shape = value.type.shape.map((size, axis) => (axis === 1 ? size : 1));
    const numbers = g.weights(single ? [] : shape, 77);
    const isSwapped = isLeft && fn !== "div";
    const [left, right] = isSwapped ? [numbers, value] : [value, numbers];
    const graph = g.returns(g.binary(fn, left, right));
    const folded = runPass(foldScales, graph);
    expect(printGraph(folded)).not.toContain(`= ${fn}(`);
    expectSameMeaning(folded, graph);
  });
  fc.assert(property, { numRuns: 48, seed: 1 });
});
