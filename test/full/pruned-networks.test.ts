import path from "node:path";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { compileFile } from "../../src/index.js";
import { costOf } from "../../src/ir/cost.js";
import type { Graph, Node } from "../../src/ir/graph.js";
import { removeDeadChannels } from "../../src/passes/remove-dead-channels.js";
import { runPasses } from "../../src/passes/run.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";
import { zeroEverywhere } from "../support/zero-filters.js";

/** A small form of an example, batch norms folded, with the given filters of every convolution set to zero. */
async function zeroed(name: string, choose: (channels: number) => number[]): Promise<Graph> {
  const file = path.join(import.meta.dirname, `../../examples/${name}/${name}.cnn`);
  const set = { size: 32, width: 0.25, classes: 10 };
  const { written } = await compileFile(file, { init: { kind: "he", seed: 1 }, set, target: "ts" });
  const options = { level: 1, report: new Report(), stopAfter: "merge-pad" } as const;
  return zeroEverywhere(runPasses(written, options).graph, choose);
}

const everyFourth = (channels: number): number[] =>
  Array.from({ length: Math.ceil((channels - 1) / 4) }, (_, at) => 4 * at + 1);

/** Multiply-accumulates when every convolution writes and reads three of four channels, but for pictures. */
function expectedMacs({ nodes }: Graph): number {
  const products = nodes.filter(({ op }) => op === "linear");
  const left = (channels: number): number => (channels === 3 ? 3 : 0.75 * channels);
  const macsLeft = (node: Node): number => {
    if (node.op === "linear") {
      const [out = 0, inputs = 0] = node.operands.weight.type.shape;
      return out * (node === products[0] ? left(inputs) : inputs);
    }
    if (node.op !== "conv2d") return 0;
    const [out = 0, inputs = 0, kh = 0, kw = 0] = node.operands.weight.type.shape;
    const [, , h = 0, w = 0] = node.results[0]!.type.shape;
    return left(out) * (inputs === 1 ? 1 : left(inputs)) * kh * kw * h * w;
  };
  return nodes.reduce((sum, node) => sum + macsLeft(node), 0);
}

test.each(["mobilenet_v3_small", "densenet121"])(
  "%s loses exactly the channels that are zero",
  async (name) => {
    const graph = await zeroed(name, everyFourth);
    const fewer = runPass(removeDeadChannels, graph);
    expect(costOf(fewer).macs).toBe(expectedMacs(graph));
    expectSameMeaning(fewer, graph);
  },
);

test("mobilenet_v1 loses them, and the few depth-wise filters without a positive weight", async () => {
  const graph = await zeroed("mobilenet_v1", everyFourth);
  const fewer = runPass(removeDeadChannels, graph);
  const { macs } = costOf(fewer);
  expect(macs).toBeLessThan(expectedMacs(graph));
  expect(macs).toBeGreaterThan(0.99 * expectedMacs(graph));
  expectSameMeaning(fewer, graph);
});

test("shufflenet_v2_x1_0 loses channels that are zero in all that a shuffle ties", async () => {
  const graph = await zeroed("shufflenet_v2_x1_0", everyFourth);
  const fewer = runPass(removeDeadChannels, graph);
  expect(costOf(fewer).macs).toBeLessThan(0.8 * costOf(graph).macs);
  expectSameMeaning(fewer, graph);
});
