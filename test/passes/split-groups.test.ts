import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Graph } from "../../src/ir/graph.js";
import { splitGroups } from "../../src/passes/split-groups.js";
import * as g from "../support/graphs.js";
import { noise } from "../support/noise.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";

/** A convolution 3×3 whose weight is zero outside `blocks` blocks on the diagonal. */
function blockDiagonal(inputs: number, outputs: number, blocks: number, groups = 1): Graph {
  const perGroup = inputs / groups;
  const shape = [outputs, perGroup, 3, 3];
  const data = [...noise(outputs * perGroup * 9, 3)].map((w, at) => {
    const output = Math.floor(at / 9 / perGroup);
    const input =
      Math.floor(output / (outputs / groups)) * perGroup + (Math.floor(at / 9) % perGroup);
    const isInside =
      Math.floor((output * blocks) / outputs) === Math.floor((input * blocks) / inputs);
    return isInside ? w : 0;
  });
  const operands = {
    input: g.image(inputs, 7, 6),
    weight: g.literal(shape, data),
    bias: g.weights([outputs], 8),
    extras: [],
  };
  const attrs = {
    stride: [2, 1],
    dilation: [1, 1],
    pads: [1, 0, 2, 1],
    groups,
    epilogue: [],
  } as const;
  return g.returns(build("conv2d", operands, attrs));
}

const groupsOf = (graph: Graph): readonly number[] =>
  graph.nodes.flatMap((node) => (node.op === "conv2d" ? [node.attrs.groups] : []));

describe("split-groups", () => {
  test("blocks on the diagonal become groups", () => {
    const graph = blockDiagonal(32, 16, 2);
    const { graph: split, changes } = watchPass(splitGroups, graph);
    expect(groupsOf(split)).toEqual([2]);
    expect(changes.map(({ family }) => family)).toEqual(["1 to 2 groups"]);
    expectSameMeaning(split, graph);
  });

  test("one input a channel becomes depth-wise", () => {
    const graph = blockDiagonal(8, 8, 8);
    const split = runPass(splitGroups, graph);
    expect(groupsOf(split)).toEqual([8]);
    expectSameMeaning(split, graph);
  });

  test("one weight outside the blocks leaves the convolution alone", () => {
    const graph = g.returns(g.conv(g.image(8, 7), 8));
    expect(runPass(splitGroups, graph)).toBe(graph);
  });

  test("more groups than there are stay within those", () => {
    const graph = blockDiagonal(24, 12, 6, 2);
    const split = runPass(splitGroups, graph);
    expect(groupsOf(split)).toEqual([6]);
    expectSameMeaning(split, graph);
  });

  test("splitting never changes what the graph computes", () => {
    const options = fc.record({
      blocks: fc.constantFrom(2, 3, 4, 6, 12),
      groups: fc.constantFrom(1, 2),
      inputs: fc.constantFrom(12, 24),
      outputs: fc.constantFrom(12, 36),
    });
    fc.assert(
      fc.property(options, ({ blocks, groups, inputs, outputs }) => {
        const graph = blockDiagonal(inputs, outputs, blocks, groups);
        expectSameMeaning(runPass(splitGroups, graph), graph);
      }),
      { seed: 4, numRuns: 30 },
    );
  });
});
