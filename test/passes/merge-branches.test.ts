import fc from "fast-check";
import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { mergeBranches } from "../../src/passes/merge-branches.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";
import { expectSameInTargets } from "../support/targets.js";

const linesOf = (value: Value): string[] =>
  printGraph(runPass(mergeBranches, g.returns(value)))
    .split("\n")
    .slice(1, -1);

const x = () => g.image(8, 13, 14);

test("a block of RepVGG becomes one convolution, named after what its branches share", () => {
  const image = x();
  const dense = g.conv(image, 8, { name: "block.dense.conv" });
  const point = g.conv(image, 8, { kernel: 1, seed: 2, name: "block.1x1.conv" });
  const sum = g.add(g.add(dense, point), g.norm(image, { name: "block.identity" }));
  const { graph, changes } = watchPass(mergeBranches, g.returns(g.relu(sum)));
  expect(printGraph(graph).split("\n").slice(1, -1)).toEqual([
    "%0 = conv2d(@x, @block.weight, @block.bias) pads=[1,1,1,1] : f32[1,8,13,14]  // block",
    "%1 = relu(%0) : f32[1,8,13,14]",
  ]);
  expect(changes.map(({ family }) => family)).toEqual(["3x3 = 3x3 + 1x1 + scale"]);
  expectSameMeaning(graph, g.returns(g.relu(sum)));
});

test("a value and its convolution become one: a weight of one at the centre tap", () => {
  const image = x();
  const value = g.add(g.conv(image, 8, { name: "conv", bias: false }), image);
  const graph = runPass(mergeBranches, g.returns(value));
  const conv = graph.nodes.find(({ op }) => op === "conv2d");
  if (conv?.op !== "conv2d" || conv.operands.weight.node.op !== "constant") throw new Error("none");
  const before = g.weights([8, 8, 3, 3], 1).node;
  if (before.op !== "constant") throw new Error("none");
  const change = conv.operands.weight.node.attrs.data.map((w, i) => w - before.attrs.data[i]!);
  const centres = Array.from({ length: 8 }, (_, c) => (c * 8 + c) * 9 + 4);
  expect(centres.map((at) => Math.round(change[at]! * 1e6) / 1e6)).toEqual(centres.map(() => 1));
  expect(change.reduce((sum, d) => sum + Math.abs(d), 0)).toBeCloseTo(8, 4);
  expect(linesOf(value)).toHaveLength(1);
});

test.each<[string, () => Value, string]>([
  [
    "a square kernel and its rows and columns (ACNet)",
    () => {
      const image = x();
      const [row, column] = [
        { kernel: [1, 3], seed: 2 },
        { kernel: [3, 1], seed: 3 },
      ] as const;
      return g.add(g.add(g.conv(image, 4), g.conv(image, 4, row)), g.conv(image, 4, column));
    },
    "conv2d(@x, @weight, @bias) pads=[1,1,1,1]",
  ],
  [
    "a dilated kernel inside a dense one",
    () => {
      const image = x();
      const dilated = g.conv(image, 4, { dilation: 2, seed: 2 });
      return g.add(g.conv(image, 4, { kernel: 5 }), dilated);
    },
    "conv2d(@x, @weight, @bias) pads=[2,2,2,2]",
  ],
  [
    "two kernels of one dilation",
    () => {
      const image = x();
      const other = g.conv(image, 8, { dilation: 2, seed: 2 });
      return g.add(g.add(g.conv(image, 8, { dilation: 2 }), other), image);
    },
    "conv2d(@x, @weight, @bias) dilation=2 pads=[2,2,2,2]",
  ],
  [
    "strided branches, smaller ones at the place of their padding",
    () => {
      const image = x();
      const point = g.conv(image, 4, { kernel: 1, stride: 2, seed: 2 });
      return g.add(g.conv(image, 4, { stride: 2 }), point);
    },
    "conv2d(@x, @weight, @bias) stride=2 pads=[1,1,1,0]",
  ],
  [
    "depth-wise branches",
    () => {
      const image = x();
      const point = g.norm(g.conv(image, 8, { kernel: 1, groups: 8, seed: 2 }));
      return g.add(g.add(g.conv(image, 8, { groups: 8 }), point), image);
    },
    "conv2d(@x, @weight, @bias) pads=[1,1,1,1] groups=8",
  ],
  [
    "grouped branches",
    () => {
      const image = x();
      const other = g.conv(image, 8, { kernel: 1, groups: 4, seed: 2 });
      return g.add(g.conv(image, 8, { groups: 2 }), other);
    },
    "conv2d(@x, @weight, @bias) pads=[1,1,1,1] groups=2",
  ],
  [
    "a difference of scaled branches",
    () => {
      const image = x();
      const scaled = g.mul(g.conv(image, 4, { kernel: 1, seed: 2 }), g.weights([4, 1, 1], 5));
      return g.binary("sub", g.conv(image, 4), g.unary(scaled, { kind: "neg" }));
    },
    "conv2d(@x, @weight, @bias) pads=[1,1,1,1]",
  ],
  [
    "chains with an average pool (DBB)",
    () => {
      const image = x();
      const point = g.conv(image, 4, { kernel: 1, bias: false, seed: 2 });
      const pooled = g.avgPool(point, { kernel: 3, stride: 1, pads: 1 });
      const first = g.conv(image, 6, { kernel: 1, bias: false, seed: 3 });
      const chain = g.norm(g.conv(first, 4, { seed: 4 }));
      return g.add(g.add(g.conv(image, 4), g.norm(pooled, { seed: 5 })), chain);
    },
    "conv2d(@x, @weight, @bias) pads=[1,1,1,1]",
  ],
  [
    "products with features",
    () => {
      const features = g.input([2, 9]);
      return g.add(g.linear(features, 9), g.norm(features));
    },
    "linear(@x, @weight, @bias)",
  ],
])("%s become one operator, in both targets", async (_, make, line) => {
  const graph = g.returns(make());
  const merged = runPass(mergeBranches, graph);
  expect(printGraph(merged)).toContain(`%0 = ${line} :`);
  expect(merged.nodes.filter(({ op }) => op !== "input" && op !== "constant")).toHaveLength(1);
  expectSameMeaning(merged, graph);
  await expectSameInTargets(graph);
});

test("a bias in front of padding is added as an image", () => {
  const image = x();
  const chain = g.conv(g.conv(image, 4, { kernel: 1, seed: 2 }), 4, { seed: 3 });
  const graph = g.returns(g.add(g.conv(image, 4), chain));
  const { graph: merged, changes } = watchPass(mergeBranches, graph);
  expect(
    printGraph(merged)
      .split("\n")
      .slice(1, -1)
      .map((line) => line.split(" : ")[0]),
  ).toEqual(["%0 = conv2d(@x, @weight) pads=[1,1,1,1]", "%1 = add(%0, @border)"]);
  expect(changes.map(({ family }) => family)).toEqual(["3x3 + border = 3x3 + 1x1 · 3x3"]);
  expectSameMeaning(merged, graph);
});

test("of a sum's branches those are merged that save time", () => {
  const image = g.image(32, 13, 14);
  const cheap = g.conv(image, 32, { groups: 32 });
  const dense = g.conv(image, 32, { kernel: 1, seed: 2 });
  const graph = g.returns(g.add(g.add(cheap, dense), image));
  const merged = runPass(mergeBranches, graph);
  const ops = merged.nodes.filter(({ op }) => op === "conv2d" || op === "binary");
  expect(ops.map(({ op }) => op)).toEqual(["conv2d", "conv2d", "binary"]);
  expectSameMeaning(merged, graph);
});

const conv = (value: Value, seed: number, options = {}): Value =>
  g.conv(value, 8, { seed, ...options });

test.each<[string, () => Value]>([
  ["of different values", () => g.add(conv(x(), 1), conv(g.image(8, 13, 14, { name: "y" }), 2))],
  ["with an activation in one of them", () => ((v) => g.add(conv(v, 1), g.relu(conv(v, 2))))(x())],
  [
    "of different strides",
    () => {
      const image = g.image(8, 13, 13);
      const strided = conv(image, 1, { stride: 2, pads: 0 });
      return g.add(strided, conv(image, 2, { kernel: 8, pads: 0 }));
    },
  ],
  [
    "of an average pool that leaves its padding out of the count",
    () => {
      const image = x();
      const pool = { kernel: 3, stride: 1, pads: 1, countIncludePad: false };
      return g.add(conv(image, 1), g.avgPool(image, pool));
    },
  ],
  [
    "of an average pool whose size is rounded up",
    () => {
      const image = g.image(8, 13, 13);
      const pooled = g.avgPool(image, { kernel: 2, stride: 2, ceil: true });
      return g.add(conv(image, 1, { stride: 2 }), pooled);
    },
  ],
  [
    "of two padded kernels after each other",
    () => ((v) => g.add(conv(v, 1, { kernel: 5 }), conv(conv(v, 2, { bias: false }), 3)))(x()),
  ],
  [
    "with a kernel known only at run time",
    () => {
      const [image, weight] = [x(), g.input([8, 8, 1, 1], "w")];
      const window = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
      const operands = { input: image, weight, bias: undefined, extras: [] };
      const point = build("conv2d", operands, { ...window, epilogue: [] });
      return g.add(conv(image, 1), point);
    },
  ],
  ["of products instead of sums", () => ((v) => g.mul(conv(v, 1), conv(v, 2)))(x())],
  [
    "whose dense kernel would be dearer than its parts",
    () => {
      const image = g.image(64, 13, 14);
      const cheap = g.conv(image, 64, { kernel: 5, groups: 64 });
      return g.add(cheap, g.conv(image, 64, { kernel: 1, seed: 2 }));
    },
  ],
  ["of one value twice", () => ((v) => g.add(v, v))(x())],
])("branches %s stay apart", (_, make) => {
  const graph = g.returns(make());
  expect(runPass(mergeBranches, graph)).toBe(graph);
});

test("a branch that something else reads stays", () => {
  const image = x();
  const shared = conv(image, 1);
  const graph = g.returns(g.add(shared, conv(image, 2)), shared);
  expect(runPass(mergeBranches, graph)).toBe(graph);
});

test("why branches stay apart is told", () => {
  const image = x();
  const pool = { kernel: 3, stride: 1, pads: 1, countIncludePad: false };
  const graph = g.returns(g.add(conv(image, 1), g.avgPool(image, pool)));
  expect(watchPass(mergeBranches, graph).refusals).toEqual([
    "an average pool that leaves its padding out of the count is no convolution",
  ]);
});

test("merging never changes what the graph computes, borders included", () => {
  const kernel = fc.constantFrom(1, 2, 3, 5);
  const option = fc.record({
    kernel: fc.tuple(kernel, kernel),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    groups: fc.constantFrom(1, 2, 4),
    bias: fc.boolean(),
    seed: fc.nat(1000),
  });
  const stride = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
  const shape = fc.record({ rows: fc.integer({ min: 1, max: 9 }), chain: fc.boolean() });
  let merged = 0;
  const property = fc.property(option, option, stride, shape, (a, b, stride, { rows, chain }) => {
    const image = g.image(4, rows, 7, { batch: 2 });
    const branch = (of: typeof a, value: Value): Value => {
      const reach = of.kernel.map((k, axis) => of.dilation[axis]! * (k - 1));
      const [top, left] = reach.map((all, axis) => Math.floor((all * (axis + 1)) / 3));
      const pads = [top!, left!, reach[0]! - top!, reach[1]! - left!] as const;
      return g.conv(value, 4, { ...of, stride, pads });
    };
    const inner = chain ? g.conv(image, 4, { kernel: 1, seed: 9, bias: b.bias }) : image;
    const graph = g.returns(g.binary("sub", g.norm(branch(a, image)), branch(b, inner)));
    const result = runPass(mergeBranches, graph);
    if (result !== graph) merged++;
    expectSameMeaning(result, graph);
  });
  fc.assert(property, { numRuns: 150, seed: 3 });
  expect(merged).toBeGreaterThan(60);
});
