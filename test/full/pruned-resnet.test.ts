import path from "node:path";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { compileFile } from "../../src/index.js";
import { costOf } from "../../src/ir/cost.js";
import type { Graph } from "../../src/ir/graph.js";
import { removeDeadChannels } from "../../src/passes/remove-dead-channels.js";
import { runPasses } from "../../src/passes/run.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";
import { zeroEverywhere } from "../support/zero-filters.js";

/** Multiply-accumulates of a network in which three of four channels stay, but for inputs and classes. */
function expectedMacs({ nodes }: Graph): number {
  const left = (channels: number): number => (channels === 3 ? 3 : 0.75 * channels);
  return nodes.reduce((sum, node) => {
    if (node.op === "linear") return sum + 10 * left(node.operands.input.type.shape[1]!);
    if (node.op !== "conv2d") return sum;
    const [out, inputs, kh, kw] = node.operands.weight.type.shape;
    const [, , h, w] = node.results[0]!.type.shape;
    return sum + left(out!) * left(inputs!) * kh! * kw! * h! * w!;
  }, 0);
}

test("a ResNet-18 loses exactly the channels that are zero in every stage", async () => {
  const file = path.join(import.meta.dirname, "../../examples/resnet18/resnet18.cnn");
  const set = { size: 32, width: 0.25, classes: 10 };
  const { written } = await compileFile(file, { init: { kind: "he", seed: 1 }, set, target: "ts" });
  const options = { level: 1, report: new Report(), stopAfter: "merge-pad" } as const;
  const { graph } = runPasses(written, options);
  const everyFourth = (channels: number) =>
    Array.from({ length: channels / 4 }, (_, at) => 4 * at + 1);
  const zeroed = zeroEverywhere(graph, everyFourth);
  const fewer = runPass(removeDeadChannels, zeroed);
  expect(costOf(fewer).macs).toBe(expectedMacs(graph));
  expectSameMeaning(fewer, zeroed);
});
