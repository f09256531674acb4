import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import { dataOf, withData } from "../../src/ir/constants.js";
import { costOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { removeDeadChannels } from "../../src/passes/remove-dead-channels.js";
import { expectClose } from "../support/close.js";
import * as g from "../support/graphs.js";
import { noise, random } from "../support/noise.js";
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

/** A picture as bytes. */
const bytes = (channels: number, size: number): Value =>
  build("input", {}, { name: "x", type: { element: "u8", shape: [1, channels, size, size] } });

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

test("no more is removed than rewrites are left", () => {
  const x = zeroFilters(g.conv(g.image(3, 7), 6), [1, 4]);
  const graph = g.returns(g.conv(x, 5, { seed: 2 }));
  expect(runPass(removeDeadChannels, graph, 1)).toBe(graph);
  expect(weightsIn(runPass(removeDeadChannels, graph, 2))).toEqual(["4,3,3,3", "5,4,3,3"]);
});

test("layers that would make the network slower keep their channels, others lose theirs", () => {
  const a = zeroFilters(g.conv(g.image(3, 7), 6, { name: "a" }), [1, 4]);
  const b = zeroFilters(g.conv(a, 8, { name: "b", seed: 2 }), [0]);
  const graph = g.returns(g.conv(b, 5, { name: "c", seed: 3 }));
  const predictMs = (node: Node): number => {
    if (node.op !== "conv2d") return 0;
    const [outputs, inputs] = node.operands.weight.type.shape;
    return outputs! * inputs! + (outputs === 7 ? 100 : 0);
  };
  const { graph: result, refusals } = watchPass(removeDeadChannels, graph, { predictMs });
  expect(weightsIn(result)).toEqual(["4,3,3,3", "8,4,3,3", "5,8,3,3"]);
  expectSameMeaning(result, graph);
  expect(refusals).toEqual([
    "removes 1 of 8 channels: the network would not be faster",
    "reads 7 of 8 channels: the network would not be faster",
  ]);
  const never = watchPass(removeDeadChannels, graph, { predictMs: () => 1 });
  expect(weightsIn(never.graph)).toEqual(["4,3,3,3", "7,4,3,3", "5,7,3,3"]);
});

test("a constant that padding shows is told", () => {
  const x = zeroFilters(g.conv(g.image(3, 7), 6), [0], 0.75);
  const padded = g.returns(g.conv(x, 5, { seed: 2 }));
  const { graph, refusals } = watchPass(removeDeadChannels, padded);
  expect(graph).toBe(padded);
  expect(refusals).toEqual(["1 channel that it reads is constant, but padding shows where"]);
});

test("bytes have bounds: what cannot fire on them is dead, and no clip is reached from above", () => {
  const x = build("cast", { input: bytes(3, 5) }, { to: "f32" });
  const attrs = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
  const make = (bias: readonly number[]) =>
    build(
      "conv2d",
      {
        input: x,
        weight: g.literal([3, 3, 1, 1], [0.01, -0.01, 0.005, 0.01, -0.005, 0.004, -0.002, 0.01, 0]),
        bias: g.literal([3], bias),
        extras: [],
      },
      { ...attrs, epilogue: [] },
    );
  const top = (0.01 + 0.005) * 255;
  const read = (value: Value) => g.conv(value, 4, { seed: 3, kernel: 1, pads: 0 });
  const dead = g.returns(read(g.relu(make([0.5, -top, -3]))));
  const fewer = runPass(removeDeadChannels, dead);
  expect(weightsIn(fewer)).toEqual(["1,3,1,1", "4,1,1,1"]);
  const alive = g.returns(read(g.relu(make([0.5, -3, -2]))));
  expect(runPass(removeDeadChannels, alive)).toBe(alive);
  const clipped = g.unary(make([0.5, 1, 2]), { kind: "clip", min: 0, max: 6 });
  const { changes, graph } = watchPass(removeDeadChannels, g.returns(read(clipped)));
  expect(changes.map(({ family }) => family)).toEqual(["clip(0, 6) becomes relu"]);
  const data = Float32Array.from(noise(75, 6), (v) => Math.round((v + 1) * 127.5));
  for (const [one, other] of [
    [fewer, dead],
    [graph, g.returns(read(clipped))],
  ] as const) {
    const inputs = new Map([["x", data]]);
    expectClose(evaluate(one, inputs), evaluate(other, inputs), 2e-6);
  }
});

test("transposed convolutions lose channels that they read and that they make", () => {
  const x = zeroFilters(g.conv(g.image(3, 5), 6), [1, 4]);
  const wide = g.deconv(x, 4, { kernel: 2, stride: 2, seed: 2 });
  expect(weightsIn(removed(g.conv(wide, 5, { seed: 3 })))).toEqual([
    "4,3,3,3",
    "4,4,2,2",
    "5,4,3,3",
  ]);
  const { node } = wide;
  if (node.op !== "deconv2d") throw new Error("no transposed convolution");
  const { weight, bias } = node.operands;
  const idle = build(
    "deconv2d",
    {
      ...node.operands,
      weight: withData(
        weight,
        dataOf(weight)!.map((w, at) => (Math.floor(at / 4) % 4 === 2 ? 0 : w)),
      ),
      bias:
        bias &&
        withData(
          bias,
          dataOf(bias)!.map((b, channel) => (channel === 2 ? 0 : b)),
        ),
    },
    node.attrs,
    node,
  );
  expect(weightsIn(removed(g.conv(idle, 5, { seed: 3 })))).toEqual([
    "4,3,3,3",
    "4,3,2,2",
    "5,3,3,3",
  ]);
});

test("groups lose as many channels each as all can spare, or go whole", () => {
  const make = (dead: readonly number[]) => {
    const wide = g.conv(g.image(3, 5), 8, { kernel: 1 });
    const grouped = zeroFilters(g.conv(wide, 8, { groups: 2, seed: 2 }), dead);
    return removed(g.conv(g.relu(grouped), 3, { kernel: 1, seed: 3 }));
  };
  expect(weightsIn(make([0, 5]))).toEqual(["8,3,1,1", "6,4,3,3", "3,6,1,1"]);
  expect(weightsIn(make([0, 1, 5]))).toEqual(["8,3,1,1", "6,4,3,3", "3,6,1,1"]);
  expect(weightsIn(make([4, 5, 6, 7]))).toEqual(["4,3,1,1", "4,4,3,3", "3,4,1,1"]);
});

test("a channel that is normalised by itself goes when it is constant", () => {
  const x = zeroFilters(g.conv(g.image(3, 5), 6), [2, 3], 0.5);
  const shape = [6];
  const normed = build(
    "groupNorm",
    {
      input: x,
      gamma: g.literal(shape, [1, 2, 3, 1, 2, 3]),
      beta: g.literal(shape, [0.5, -1, 0.25, 0, 1, 2]),
    },
    { groups: 6, epsilon: 0.1 },
  );
  const y = g.conv(normed, 4, { kernel: 1, pads: 0, seed: 4 });
  expect(weightsIn(removed(y))).toEqual(["4,3,3,3", "4,4,1,1"]);
});

test("an operand that is one number in each channel becomes a constant, and its layer goes", () => {
  const image = g.image(3, 5);
  const x = g.conv(image, 4, { seed: 2 });
  const still = zeroFilters(g.conv(image, 4, { seed: 3 }), [0, 1, 2, 3], 0.5);
  const result = removed(g.conv(g.mul(x, still), 3, { seed: 4 }));
  expect(weightsIn(result)).toEqual(["4,3,3,3", "3,4,3,3"]);
});
