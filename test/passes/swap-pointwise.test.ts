import fc from "fast-check";
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { swapPointwise } from "../../src/passes/swap-pointwise.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";
import { expectSameInTargets } from "../support/targets.js";

const image = () => g.image(8, 13, 14);
const point = { kernel: 1 } as const;

const rewritten: [string, () => Value, string][] = [
  ["average", () => g.avgPool(g.conv(image(), 16, point), { kernel: 2 }), "average, then 1x1"],
  [
    "average that leaves its padding out of the count",
    () =>
      g.avgPool(g.conv(image(), 16, point), {
        kernel: 3,
        stride: 2,
        pads: 1,
        countIncludePad: false,
      }),
    "average, then 1x1",
  ],
  [
    "average that counts its padding, without a bias",
    () =>
      g.avgPool(g.conv(image(), 16, { ...point, bias: false }), { kernel: 3, stride: 2, pads: 1 }),
    "average, then 1x1",
  ],
  ["nearest upsampling", () => g.conv(g.resize(image(), [26, 28]), 8, point), "1x1, then resize"],
  [
    "bilinear upsampling",
    () => g.conv(g.resize(image(), [26, 28], "bilinear"), 8, point),
    "1x1, then resize",
  ],
  [
    "resampling",
    () => g.conv(g.resample(image(), [26, 28], { coordinates: "align_corners" }), 8, point),
    "1x1, then resize",
  ],
  [
    "stride, through activations",
    () => g.conv(g.relu(g.conv(image(), 8, { seed: 2 })), 8, { ...point, stride: 2 }),
    "stride, then 1x1",
  ],
  [
    "global mean of a 1x1",
    () => g.flatten(g.gap(g.conv(image(), 16, point))),
    "mean under each tap, then product",
  ],
  [
    "global mean of a padded 3x3",
    () => g.gap(g.conv(image(), 16)),
    "mean under each tap, then product",
  ],
  [
    "global mean of a strided, dilated, grouped kernel",
    () =>
      g.reduce(
        g.conv(image(), 16, { stride: [2, 1], dilation: [1, 2], groups: 2, pads: [1, 2, 1, 1] }),
        "mean",
        [2, 3],
        false,
      ),
    "mean under each tap, then product",
  ],
  [
    "global mean of an average pool of a convolution",
    () => g.gap(g.avgPool(g.conv(image(), 16), { kernel: 2, stride: 1 })),
    "mean under each tap, then product",
  ],
];

test.each(rewritten)("%s trades places", (_, make, family) => {
  const graph = g.returns(make());
  const { graph: swapped, changes } = watchPass(swapPointwise, graph);
  expect(changes.map((change) => change.family)).toEqual([family]);
  expectSameMeaning(swapped, graph);
});

test.each(rewritten)("%s: both targets compute what was written", (_, make) =>
  expectSameInTargets(g.returns(make())),
);

test.each<[string, () => Value]>([
  [
    "a bias before an average that counts its padding",
    () => g.avgPool(g.conv(image(), 16, point), { kernel: 3, stride: 2, pads: 1 }),
  ],
  ["an activation before an average", () => g.avgPool(g.relu(g.conv(image(), 16, point)))],
  ["a maximum", () => g.maxPool(g.conv(image(), 16, point))],
  ["downsampling", () => g.conv(g.resize(image(), [6, 7]), 16, point)],
  [
    "cubic resampling",
    () => g.conv(g.resample(image(), [26, 28], { mode: "cubic", excludeOutside: true }), 8, point),
  ],
  [
    "cropping, which shows a value outside",
    () => {
      const crop = {
        coordinates: "tf_crop_and_resize",
        region: [-0.2, 0, 1, 1],
        outside: 2,
      } as const;
      return g.conv(g.resample(image(), [26, 28], crop), 8, point);
    },
  ],
  [
    "a padded 1x1 after upsampling",
    () => g.conv(g.resize(image(), [26, 28]), 8, { ...point, pads: 1 }),
  ],
  ["a 3x3 before an average", () => g.avgPool(g.conv(image(), 16))],
  ["a mean of rows alone", () => g.reduce(g.conv(image(), 16), "mean", [2])],
  ["a global maximum", () => g.reduce(g.conv(image(), 16), "max")],
  [
    "a tap that sees nothing but padding",
    () => g.gap(g.conv(g.image(4, 1, 14), 8, { pads: [2, 1, 2, 1], kernel: [5, 3] })),
  ],
])("%s stays", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(swapPointwise, graph)).toBe(graph);
});

test("a convolution that something else reads stays", () => {
  const shared = g.conv(image(), 16, point);
  const graph = g.returns(g.avgPool(shared), shared);
  expect(runPass(swapPointwise, graph)).toBe(graph);
});

test("a mean of a convolution never changes, whatever its window", () => {
  const size = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
  const option = fc.record({
    kernel: size,
    stride: size,
    dilation: size,
    pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    groups: fc.constantFrom(1, 2),
    seed: fc.nat(1000),
  });
  let swaps = 0;
  const property = fc.property(option, (options) => {
    const graph = g.returns(g.gap(g.conv(g.image(4, 9, 11, { batch: 2 }), 12, options)));
    const result = runPass(swapPointwise, graph);
    if (result !== graph) swaps++;
    expectSameMeaning(result, graph);
  });
  fc.assert(property, { numRuns: 100, seed: 6 });
  expect(swaps).toBeGreaterThan(40);
});
