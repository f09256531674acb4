import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { composeKernels } from "../../src/passes/compose-kernels.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";
import { expectSameInTargets } from "../support/targets.js";

const x = (channels = 4) => g.image(channels, 13, 14);
const wide = (value: Value, options: g.ConvOptions = {}) => g.conv(value, 32, options);
const point = { kernel: 1, seed: 2 } as const;

test.each<[string, () => Value, string]>([
  ["3x3 and the 1x1 after it", () => g.conv(wide(x()), 5, point), "3x3 = 3x3 · 1x1"],
  [
    "strided 3x3 and the 1x1 after it",
    () => g.conv(wide(x(), { stride: 2 }), 5, point),
    "3x3 = 3x3 · 1x1",
  ],
  [
    "1x1 without bias and the padded 3x3 after it",
    () => g.conv(wide(x(), { kernel: 1, bias: false }), 5),
    "3x3 = 1x1 · 3x3",
  ],
  [
    "1x1 and the 3x3 without padding after it",
    () => g.conv(wide(x(), { kernel: 1 }), 5, { pads: 0, stride: 2 }),
    "3x3 = 1x1 · 3x3",
  ],
  [
    "1x1 with bias and the padded 3x3 after it",
    () => g.conv(wide(x(), { kernel: 1 }), 5, { stride: 2 }),
    "3x3 + border = 1x1 · 3x3",
  ],
  ["1x1 and the 1x1 after it", () => g.conv(wide(x(), point), 5, point), "1x1 = 1x1 · 1x1"],
  [
    "product and the product after it",
    () => g.linear(g.linear(g.input([3, 7]), 64), 5),
    "product = product · product",
  ],
  [
    "product and the product of an image of one pixel",
    () => g.linear(g.reshape(g.conv(g.input([2, 7, 1, 1]), 64, point), 2, 64), 5),
    "1x1 = 1x1 · reshape · product",
  ],
  [
    "3x3 and the average pool after it",
    () => g.avgPool(g.conv(x(), 5, { bias: true }), { kernel: 2 }),
    "4x4 = 3x3 · average 2x2",
  ],
  [
    "padded 3x3 and a kernel as large as the image",
    () => g.conv(wide(x()), 3, { kernel: [13, 14], pads: 0, seed: 3 }),
    "13x14 = 3x3 · 13x14",
  ],
  [
    "scale and shift and the padded kernel after them",
    () => g.conv(g.add(g.mul(x(8), g.weights([8, 1, 1], 4)), g.weights([8, 1, 1], 5)), 4),
    "3x3 + border = scale · scale · 3x3",
  ],
])("%s become one operator, in both targets", async (_, make, family) => {
  const graph = g.returns(make());
  const { graph: composed, changes } = watchPass(composeKernels, graph);
  expect(changes.map((change) => change.family)).toEqual([family]);
  expectSameMeaning(composed, graph);
  await expectSameInTargets(graph);
});

test.each<[string, () => Value]>([
  ["that would be dearer as one", () => g.conv(g.conv(x(), 2), 32, { kernel: 3, pads: 0 })],
  ["with an activation between", () => g.conv(g.relu(wide(x())), 5, point)],
  ["of which the second pads what the first does not", () => g.conv(wide(x(), { bias: false }), 5)],
  [
    "of which the second is a pool that leaves padding out of the count",
    () => g.avgPool(g.conv(x(), 5), { kernel: 2, pads: 1, countIncludePad: false }),
  ],
  [
    "of which the second is a pool whose size is rounded up",
    () => g.avgPool(g.conv(g.image(4, 13), 5), { kernel: 2, ceil: true }),
  ],
])("kernels %s stay", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(composeKernels, graph)).toBe(graph);
});

test("kernels of which the first has another reader stay", () => {
  const shared = wide(x());
  const graph = g.returns(g.conv(shared, 5, point), shared);
  expect(runPass(composeKernels, graph)).toBe(graph);
});

test("a border image that is large against what it saves is not made", () => {
  const graph = g.returns(g.conv(wide(g.image(4, 80), { kernel: 1 }), 5));
  const { graph: same, refusals } = watchPass(composeKernels, graph);
  expect(same).toBe(graph);
  expect(refusals).toEqual(["1x1 · 3x3 would not be faster as one convolution"]);
});

test("why kernels stay apart is told", () => {
  const graph = g.returns(g.conv(wide(x(), { bias: false }), 5));
  expect(watchPass(composeKernels, graph).refusals).toEqual([
    "zeros between two windows are not what the first one makes at the border",
  ]);
});

test("composing never changes what the graph computes, borders included", () => {
  const size = fc.constantFrom(1, 1, 2, 3);
  const option = fc.record({
    kernel: fc.tuple(size, size),
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    groups: fc.constantFrom(1, 1, 2, 4),
    pads: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
    bias: fc.boolean(),
    seed: fc.nat(1000),
  });
  let composed = 0;
  const property = fc.property(option, option, fc.boolean(), (first, second, scaled) => {
    const inner = g.conv(g.image(4, 9, 11, { batch: 2 }), 24, first);
    const between = scaled ? g.mul(inner, g.weights([24, 1, 1], 8)) : inner;
    const graph = g.returns(g.conv(between, 4, second));
    const result = runPass(composeKernels, graph);
    if (result !== graph) composed++;
    expectSameMeaning(result, graph);
  });
  fc.assert(property, { numRuns: 150, seed: 5 });
  expect(composed).toBeGreaterThan(40);
});
