import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { macsOf } from "../../src/ir/cost.js";
import type { Value } from "../../src/ir/graph.js";
import { buildFactors } from "../../src/passes/factor/build-factors.js";
import { factorData } from "../../src/passes/factor/factor-data.js";
import { factorsOf, unfold } from "../../src/passes/factor/factors.js";
import { familiesFor } from "../../src/passes/factor/families.js";
import type { KernelNode } from "../../src/passes/factor/kernel-axes.js";
import { extentOf } from "../../src/passes/factor/paying-rank.js";
import { contextFor } from "../../src/passes/run.js";
import { separateKernels, separateWithin } from "../../src/passes/separate-kernels.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, watchPass } from "../support/run-pass.js";

const kernelNode = (value: Value): KernelNode => {
  const { node } = value;
  if (node.op !== "conv2d" && node.op !== "deconv2d") throw new Error("no convolution");
  return node;
};

/** A convolution as each family's factors of full rank, which are exact for any kernel. */
function writtenAsEach(node: KernelNode): { name: string; value: Value }[] {
  const weight = node.operands.weight.node;
  if (weight.op !== "constant") throw new Error("no constant");
  return familiesFor(node).map((family) => {
    const { rows, columns } = extentOf(node, family);
    const blocks = unfold(node, family, weight.attrs.data);
    const factors = factorsOf(blocks, Math.min(rows, columns))!;
    const data = factorData(node, family, factors);
    return { name: family.name, value: buildFactors(node, family, factors.rank, data) };
  });
}

describe("any convolution equals its factors of full rank", () => {
  const two = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 }));
  const side = fc.integer({ min: 0, max: 2 });
  const pads = fc.tuple(side, side, side, side);
  const kernel = fc.constantFrom([3, 3], [3, 4], [5, 2], [3, 1]) as fc.Arbitrary<[number, number]>;
  const groups = fc.constantFrom([1, 3, 2], [1, 1, 3], [2, 2, 2], [3, 1, 2], [1, 4, 1]);

  test("of all strides, dilations, paddings and groups, by all families", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(kernel, groups, two, two, pads, (kernel, [groups, inputs, outputs], ...rest) => {
        const [stride, dilation, pads] = rest;
        const options = { kernel, stride, dilation, pads, groups: groups! };
        const value = g.conv(g.image(groups! * inputs!, 9, 10), groups! * outputs!, options);
        for (const { name, value: written } of writtenAsEach(kernelNode(value))) {
          seen.add(name);
          expectSameMeaning(g.returns(written), g.returns(value));
        }
      }),
      { numRuns: 40, seed: 6 },
    );
    expect(seen.size).toBe(7);
  });

  test("transposed ones that work channel by channel too", () => {
    const outer = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(two, pads, outer, (stride, pads, outputPads) => {
        const own = Math.min(outputPads, stride[0] - 1, stride[1] - 1);
        const options = { kernel: [5, 6], stride, pads, groups: 3, outputPads: own } as const;
        const value = g.deconv(g.image(3, 5, 4), 3, options);
        const ways = writtenAsEach(kernelNode(value));
        expect(ways).toHaveLength(2);
        for (const way of ways) expectSameMeaning(g.returns(way.value), g.returns(value));
      }),
      { numRuns: 15, seed: 7 },
    );
  });
});

test.each([
  ["with small kernels", () => g.conv(g.image(3, 9), 4, { kernel: 2 })],
  ["channel by channel with 3x3", () => g.conv(g.image(4, 9), 4, { groups: 4 })],
  [
    "that ends in an activation already",
    () => g.conv(g.image(3, 9), 4, { epilogue: [{ kind: "unary", fn: { kind: "relu" } }] }),
  ],
  ["transposed, over all channels", () => g.deconv(g.image(3, 5), 4, { kernel: 5 })],
] as const)("a convolution %s is not looked at", (_, make) => {
  const graph = g.returns(make());
  const { graph: same, refusals } = watchPass(separateKernels, graph);
  expect(same).toBe(graph);
  expect(refusals).toEqual([]);
});

test("trained-like kernels stay, and the reason is told", () => {
  const graph = g.returns(g.conv(g.image(8, 16), 8, { kernel: 5 }));
  const { graph: same, refusals } = watchPass(separateKernels, graph);
  expect(same).toBe(graph);
  expect(refusals).toEqual(["no factors that would be faster are within 0.000001"]);
});

test("what does not fit the effort is told, and a grant looks all the same", () => {
  const context = { ...contextFor({ predictMs: macsOf }), effort: { left: 1000 } };
  const value = g.conv(g.image(8, 16), 8, { kernel: 5 });
  const refusals: string[] = [];
  separateKernels.run(g.returns(value), {
    ...context,
    refuse: (_, reason) => refusals.push(reason),
  });
  expect(refusals[0]).toMatch(/^not examined: .* \(--search examines it\)$/);
  const within = separateWithin(kernelNode(value), 0.6, context);
  expect(within).toMatchObject({ label: "approximate" });
});
