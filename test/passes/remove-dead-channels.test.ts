import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import { costOf } from "../../src/ir/cost.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { removeDeadChannels } from "../../src/passes/remove-dead-channels.js";
import * as g from "../support/graphs.js";
import { random } from "../support/noise.js";
import { randomGraph } from "../support/random-graph.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";
import { zeroEverywhere, zeroFilters } from "../support/zero-filters.js";

/** The graph after the pass, which must mean the same and leave nothing to remove. */
function removed(...outputs: Value[]): Graph {
  const graph = g.returns(...outputs);
  const fewer = runPass(removeDeadChannels, graph);
  expectSameMeaning(fewer, graph);
  expect(runPass(removeDeadChannels, fewer)).toBe(fewer);
  return fewer;
}

/** Weight shapes of all convolutions and products, in order. */
const weightsIn = ({ nodes }: Graph): string[] =>
  nodes.flatMap((node) => ("weight" in node.operands ? `${node.operands.weight.type.shape}` : []));

test("random networks with zeroed filters mean the same without them", () => {
  let fewer = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const next = random(seed);
    const choose = (channels: number) =>
      Array.from({ length: channels }, (_, c) => c).filter(() => next() < 0.4);
    const graph = zeroEverywhere(randomGraph(seed, { steps: 6, elements: 400 }), choose);
    const result = runPass(removeDeadChannels, graph);
    expectSameMeaning(result, graph);
    expect(runPass(removeDeadChannels, result)).toBe(result);
    if (costOf(result).macs < costOf(graph).macs) fewer++;
  }
  expect(fewer).toBeGreaterThan(35);
});

test("zero filters go, with the weights that read them", () => {
  const x = g.relu(zeroFilters(g.conv(g.image(3, 7), 6), [1, 4]));
  expect(weightsIn(removed(g.conv(x, 5, { seed: 2 })))).toEqual(["4,3,3,3", "5,4,3,3"]);
});

test("a sum loses a channel when both sides do, and keeps it when one does", () => {
  const x = g.conv(g.image(3, 5), 4);
  const make = (left: number[], right: number[]) => {
    const sum = g.add(
      zeroFilters(g.conv(x, 6, { seed: 2 }), left),
      zeroFilters(g.conv(x, 6, { seed: 3 }), right),
    );
    return removed(g.conv(g.relu(sum), 3, { seed: 4 }));
  };
  expect(weightsIn(make([1, 2], [2, 5]))).toEqual(["4,3,3,3", "5,4,3,3", "5,4,3,3", "3,5,3,3"]);
});

test("constant channels go into the bias where no padding shows, else they become one", () => {
  const x = zeroFilters(g.conv(g.image(3, 7), 6), [0, 2, 3], 0.75);
  const plain = g.conv(g.relu(x), 5, { kernel: 3, pads: 0, seed: 2 });
  expect(weightsIn(removed(plain))).toEqual(["3,3,3,3", "5,3,3,3"]);
  const padded = g.conv(g.relu(x), 5, { seed: 2 });
  expect(weightsIn(removed(padded))).toEqual(["4,3,3,3", "5,4,3,3"]);
});

test("channels that are multiples of others become more of the others", () => {
  const weight = g.literal([3, 1, 1, 1], [1, 2, -1]);
  const attrs = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
  const operands = { input: g.image(1, 5), weight, bias: undefined, extras: [] };
  const x = build("conv2d", operands, { ...attrs, epilogue: [] });
  const y = g.conv(g.relu(x), 4, { seed: 4 });
  expect(weightsIn(removed(y))).toEqual(["2,1,1,1", "4,2,3,3"]);
});

test("depth-wise filters go with the filters before them", () => {
  const wide = g.relu(g.conv(g.image(3, 7), 8, { kernel: 1 }));
  const depthwise = zeroFilters(g.conv(wide, 8, { groups: 8, seed: 2 }), [0, 3, 7]);
  const y = g.conv(g.relu(depthwise), 4, { kernel: 1, seed: 3 });
  expect(weightsIn(removed(y))).toEqual(["5,3,1,1", "5,1,3,3", "4,5,1,1"]);
});

test("squeezed and excited channels go together", () => {
  const x = zeroFilters(g.conv(g.image(3, 7), 8), [2, 5]);
  const hidden = g.relu(g.conv(g.gap(x), 3, { kernel: 1, seed: 2 }));
  const gate = g.unary(g.conv(hidden, 8, { kernel: 1, seed: 3 }), { kind: "sigmoid" });
  const y = g.conv(g.mul(x, gate), 4, { seed: 4 });
  expect(weightsIn(removed(y))).toEqual(["6,3,3,3", "3,6,1,1", "6,3,1,1", "4,6,3,3"]);
});

test("channels pass flattening, concatenation, slices and shuffles", () => {
  const image = g.image(3, 4);
  const x = zeroFilters(g.conv(image, 6), [1, 4]);
  expect(weightsIn(removed(g.linear(g.flatten(x), 5)))).toEqual(["4,3,3,3", "5,64"]);
  const both = g.concat([x, zeroFilters(g.conv(image, 4, { seed: 5 }), [3])]);
  expect(weightsIn(removed(g.conv(both, 2, { seed: 6 })))).toEqual([
    "4,3,3,3",
    "3,3,3,3",
    "2,7,3,3",
  ]);
  const shuffled = g.conv(g.shuffle(x, 2), 2, { seed: 6 });
  expect(weightsIn(removed(shuffled))).toEqual(["4,3,3,3", "2,4,3,3"]);
  const half = g.conv(g.slice(x, 1, 3, 3), 2, { seed: 6 });
  expect(weightsIn(removed(half))).toEqual(["2,3,3,3", "2,2,3,3"]);
});

test("outputs keep their channels", () => {
  const x = zeroFilters(g.conv(g.image(3, 4), 6), [1, 4]);
  expect(weightsIn(removed(x))).toEqual(["6,3,3,3"]);
});

test("weights that are no numbers are left alone, with all that they read", () => {
  const x = zeroFilters(g.conv(g.image(3, 4), 2), [1]);
  const weight = g.literal([1, 2, 1, 1], [Number.NaN, 1]);
  const attrs = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
  const operands = { input: x, weight, bias: undefined, extras: [] };
  const graph = g.returns(build("conv2d", operands, { ...attrs, epilogue: [] }));
  expect(runPass(removeDeadChannels, graph)).toBe(graph);
});

test("an activation of what is never negative goes", () => {
  const twice = g.relu(g.maxPool(g.relu(g.image(3, 6))));
  expect(removed(twice).nodes.map(({ op }) => op)).toEqual(["input", "unary", "maxPool"]);
});

test("what was removed is told, layer by layer", () => {
  const x = zeroFilters(g.conv(g.image(3, 7), 6), [1, 4]);
  const { changes } = watchPass(removeDeadChannels, g.returns(g.conv(x, 5, { seed: 2 })));
  expect(changes.map(({ family, reason }) => `${family}: ${reason}`)).toEqual([
    "removes 2 of 6 channels: nothing needs them",
    "reads 4 of 6 channels: 2 are zero",
  ]);
});
