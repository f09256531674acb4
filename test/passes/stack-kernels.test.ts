import fc from "fast-check";
import { expect, test } from "vitest";
import { build, constantOf } from "../../src/ir/build.js";
import { macsOf } from "../../src/ir/cost.js";
import type { NodeOf, Value } from "../../src/ir/graph.js";
import { composeStack } from "../../src/numerics/stack.js";
import { buildStack, stackSplits } from "../../src/passes/factor/stack-split.js";
import { momentsOf } from "../../src/passes/grants/moments.js";
import { contextFor } from "../../src/passes/run.js";
import { stackKernels, stackWithin } from "../../src/passes/stack-kernels.js";
import { conv, image, input, returns } from "../support/graphs.js";
import { noise } from "../support/noise.js";
import { expectSameMeaning, watchPass } from "../support/run-pass.js";

const byMacs = { predictMs: macsOf };

const convOf = (value: Value): NodeOf<"conv2d"> => {
  if (value.node.op !== "conv2d") throw new Error("no convolution");
  return value.node;
};

/** Random kernels of a stack in place of those of a convolution, and the convolution that equals it. */
function planted(value: Value, width: number, seed: number, at = 0) {
  const node = convOf(value);
  const split = stackSplits(node)[at]!;
  const { shape } = split;
  const { groups } = node.attrs;
  const [firstSize, secondSize] = [
    width * shape.inputs * shape.first ** 2,
    width * shape.outputs * shape.second ** 2,
  ];
  const first = noise(groups * firstSize, seed);
  const second = noise(groups * secondSize, seed + 1);
  const kernels = Array.from({ length: groups }, (_, group) =>
    composeStack(
      {
        width,
        first: Float64Array.from(first.subarray(group * firstSize, (group + 1) * firstSize)),
        second: Float64Array.from(second.subarray(group * secondSize, (group + 1) * secondSize)),
      },
      shape,
    ),
  );
  const data = Float32Array.from(kernels.flatMap((kernel) => [...kernel]));
  const weight = constantOf(node.operands.weight.type.shape, data, "parameter", { name: "weight" });
  const whole = build("conv2d", { ...node.operands, weight }, node.attrs, node);
  return { whole, stack: buildStack(convOf(whole), split, { width, first, second }) };
}

test("stride, dilation, groups and any padding: the stack computes the same, borders included", () => {
  const cases = fc.record({
    kernel: fc.constantFrom(5, 7, 9),
    stride: fc.constantFrom(1, 2, 3),
    dilation: fc.constantFrom(1, 2),
    pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 4 }))),
    groups: fc.constantFrom(1, 2),
    rows: fc.integer({ min: 17, max: 22 }),
    bias: fc.boolean(),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(cases, ({ pads, groups, rows, seed, ...options }) => {
      const [top, left, bottom, right] = pads as [number, number, number, number];
      const value = conv(image(groups * 2, rows, 19), groups * 3, {
        ...options,
        groups,
        pads: [top, left, bottom, right],
      });
      stackSplits(convOf(value)).forEach((_, at) => {
        const { whole, stack } = planted(value, 2, seed, at);
        expectSameMeaning(returns(stack), returns(whole));
      });
    }),
    { seed: 3, numRuns: 30 },
  );
});

test("a kernel that is a stack becomes one, with all padding in front of the first", () => {
  const value = conv(image(4, 13, 14), 6, { kernel: 5, name: "stem" });
  const { whole } = planted(value, 2, 7);
  const { graph, changes } = watchPass(stackKernels, returns(whole), byMacs);
  expect(changes.map(({ family, label, outputError }) => [family, label, outputError])).toEqual([
    ["5x5 = 3x3 · 3x3, width 2", "rounding", 0],
  ]);
  expect(changes[0]!.weightError).toBeLessThan(1e-6);
  const convs = graph.nodes.flatMap((node) => (node.op === "conv2d" ? [node] : []));
  expect(
    convs.map(({ attrs, name, operands }) => [name, attrs.pads, operands.bias !== undefined]),
  ).toEqual([
    ["stem.0", [2, 2, 2, 2], false],
    ["stem.1", [0, 0, 0, 0], true],
  ]);
  expectSameMeaning(graph, returns(whole));
});

test("each group is a stack of its own", () => {
  const value = conv(image(6, 12), 8, { kernel: 5, groups: 2 });
  const { whole } = planted(value, 1, 9);
  const { graph, changes } = watchPass(stackKernels, returns(whole), byMacs);
  expect(changes[0]?.family).toBe("5x5 = 3x3 · 3x3, width 1");
  expectSameMeaning(graph, returns(whole));
});

test("7x7 becomes three of 3x3", () => {
  const inner = planted(conv(image(2, 30), 5, { kernel: 5, pads: 0 }), 2, 5).whole;
  const outer = conv(image(5, 32), 5, { kernel: 7 });
  const split = stackSplits(convOf(outer))[0]!;
  const first = noise(2 * 5 * 9, 3);
  const second = convOf(inner).operands.weight.node;
  if (second.op !== "constant") throw new Error("no constant");
  const stack = {
    width: 2,
    first: Float64Array.from(first),
    second: Float64Array.from(second.attrs.data),
  };
  const kernel = Float32Array.from(composeStack(stack, split.shape));
  const weight = constantOf([5, 5, 7, 7], kernel, "parameter");
  const whole = build("conv2d", { ...convOf(outer).operands, weight }, convOf(outer).attrs);
  const { graph, changes } = watchPass(stackKernels, returns(whole), byMacs);
  expect(changes.map(({ family }) => family)).toEqual([
    "7x7 = 3x3 · 5x5, width 2",
    "5x5 = 3x3 · 3x3, width 2",
  ]);
  expectSameMeaning(graph, returns(whole));
});

test("trained kernels, small ones, even ones, zero ones and those known at run time are left alone", () => {
  const random = returns(conv(image(3, 15), 3, { kernel: 5 }));
  const { graph, refusals } = watchPass(stackKernels, random, byMacs);
  expect(graph).toBe(random);
  expect(refusals[0]).toContain("not examined");
  const searched = watchPass(stackKernels, random, { ...byMacs, search: true });
  expect(searched.refusals).toEqual(["no stack that would be faster equals its kernel"]);
  const late = build(
    "conv2d",
    { input: image(2, 9), weight: input([2, 2, 5, 5], "w"), bias: undefined, extras: [] },
    convOf(conv(image(2, 9), 2, { kernel: 5 })).attrs,
  );
  const zero = conv(image(3, 9), 3, { kernel: 5, gain: 0 });
  for (const value of [conv(image(3, 9), 3), conv(image(3, 9), 3, { kernel: 4 }), zero, late]) {
    const watched = watchPass(stackKernels, returns(value), byMacs);
    expect([watched.graph.nodes.length, watched.refusals]).toEqual([
      returns(value).nodes.length,
      [],
    ]);
  }
});

test("a layer that would take too long is said not to be examined", () => {
  const graph = returns(conv(image(24, 9), 24, { kernel: 5 }));
  const { refusals } = watchPass(stackKernels, graph, byMacs);
  expect(refusals[0]).toContain("not examined");
});

test("within a tolerance the narrowest stack is taken that was found", () => {
  const value = conv(image(4, 16), 8, { kernel: 5 });
  const { whole } = planted(value, 2, 4);
  const node = convOf(whole);
  const old = node.operands.weight.node;
  if (old.op !== "constant") throw new Error("no constant");
  const extra = noise(old.attrs.data.length, 6, -0.1, 0.1);
  const weight = constantOf(
    [8, 4, 5, 5],
    old.attrs.data.map((x, at) => x + extra[at]!),
    "parameter",
  );
  const noisy = convOf(build("conv2d", { ...node.operands, weight }, node.attrs));
  const context = contextFor(byMacs);
  const found = stackWithin(noisy, 0.1, context);
  expect(found).toMatchObject({ family: "5x5 = 3x3 · 3x3, width 2", label: "approximate" });
  if ("refused" in found) throw new Error(found.refused);
  expect(found.weightError).toBeGreaterThan(1e-4);
  expectSameMeaning(returns(found.value), returns(noisy.results[0]!), 0.2);
  expect(stackWithin(noisy, 1e-4, context)).toMatchObject({
    refused: expect.stringContaining("has an error of"),
  });
});

test("with moments of what it reads, a stack is fitted to that and keeps the mean", () => {
  const value = conv(image(3, 16), 6, { kernel: 5, bias: false });
  const node = convOf(value);
  // Neighbours are alike and the mean is far from zero, as in pictures.
  const smooth = noise(3 * 256, 3).map((x, at) => 2 + Math.sin(at / 9) + 0.05 * x);
  const moments = momentsOf(node, [smooth, smooth.toReversed()])!;
  const context = contextFor(byMacs);
  const plain = stackWithin(node, 0.7, context);
  const fitted = stackWithin(node, 0.1, context, moments);
  if ("refused" in plain || "refused" in fitted) throw new Error("refused");
  expect(fitted.label).toBe("approximate");
  expect(fitted.weightError).toBeGreaterThan(0.1);
  expect(fitted.outputError).toBeNaN();
  expect(fitted.value.node.operands).toHaveProperty("bias.node.op", "constant");
});
