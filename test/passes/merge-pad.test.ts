import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { mergePad } from "../../src/passes/merge-pad.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const x = g.image(3, 5);
const positive = g.relu(x);

test("a pad with zeros becomes padding of the convolution", () => {
  const conv = g.conv(g.pad(x, [0, 1, 2, 3]), 4, { pads: [1, 0, 0, 0], name: "conv" });
  const graph = g.returns(conv);
  const merged = runPass(mergePad, graph);
  expect(printGraph(merged)).toBe(
    [
      "graph test(@x: f32[1,3,5,5])",
      "%0 = conv2d(@x, @conv.weight, @conv.bias) pads=[1,1,2,3] : f32[1,4,6,7]  // conv",
      "return y=%0",
    ].join("\n"),
  );
  expectSameMeaning(merged, graph);
});

test.each<[string, () => Value]>([
  ["with another fill", () => g.conv(g.pad(x, 1, "constant", { value: 2 }), 4)],
  ["that reflects", () => g.conv(g.pad(x, 1, "reflect"), 4)],
  ["of channels", () => g.conv(g.pad(x, 1, "constant", { back: 1 }), 4)],
  ["before a max-pool of numbers below zero", () => g.maxPool(g.pad(x, 1))],
  ["before a max-pool that would see nothing else", () => g.maxPool(g.pad(positive, 2))],
  ["before a pool that rounds up", () => g.maxPool(g.pad(positive, 1), { ceil: true })],
  [
    "before an average pool that divides by less at its border",
    () => g.avgPool(g.pad(x, 1), { kernel: 3, pads: 1, countIncludePad: false }),
  ],
  ["before an average pool that would see nothing else", () => g.avgPool(g.pad(x, 2))],
  ["before an activation", () => g.relu(g.pad(x, 1))],
])("a pad %s is left alone", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(mergePad, graph)).toBe(graph);
});

test("an average pool that does not count its own padding goes on counting the pad's", () => {
  const graph = g.returns(g.avgPool(g.pad(x, 1), { kernel: 3, countIncludePad: false }));
  const merged = runPass(mergePad, graph);
  expect(merged).not.toBe(graph);
  expectSameMeaning(merged, graph);
});

test("merging never changes what the graph computes", () => {
  const side = fc.integer({ min: 0, max: 2 });
  const sides = fc.tuple(side, side, side, side);
  const stride = fc.integer({ min: 1, max: 2 });
  const reader = fc.constantFrom("conv", "maxPool", "avgPool");
  let merges = 0;
  fc.assert(
    fc.property(sides, sides, stride, reader, fc.boolean(), (outer, inner, stride, op, counted) => {
      const padded = g.pad(positive, outer);
      const options = { kernel: 3, stride, pads: inner };
      const graph = g.returns(
        op === "conv"
          ? g.conv(padded, 2, options)
          : op === "maxPool"
            ? g.maxPool(padded, options)
            : g.avgPool(padded, { ...options, countIncludePad: counted }),
      );
      const merged = runPass(mergePad, graph);
      if (merged !== graph) merges++;
      expectSameMeaning(merged, graph);
    }),
    { numRuns: 60, seed: 3 },
  );
  expect(merges).toBeGreaterThan(20);
});
