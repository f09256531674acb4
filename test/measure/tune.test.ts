import { expect, test } from "vitest";
import { planGraph } from "../../src/codegen/plan/index.js";
import { layerKey } from "../../src/codegen/plan/layer-key.js";
import { tunedFor } from "../../src/codegen/plan/tuned-times.js";
import { wasmTarget } from "../../src/codegen/target.js";
import { tuneGraph } from "../../src/measure/tune.js";
import { conv, image, relu, returns } from "../support/graphs.js";

const effort = { turns: 2, ms: 1 };

test("every algorithm that may compute a layer is timed, and the fastest is taken", async () => {
  const first = conv(image(16, 9), 16);
  const second = conv(relu(first), 16, { seed: 5 });
  const graph = returns(second);
  const times = await tuneGraph(graph, wasmTarget, { roundMore: true }, effort);
  expect([...times.layers.keys()]).toEqual([layerKey(first.node)]);
  const measured = tunedFor(times, second.node)!;
  expect([...measured.keys()].sort()).toEqual(["direct", "winograd 2x2", "winograd 4x4"]);
  for (const ms of measured.values()) expect(ms).toBeGreaterThan(0);
  const plan = planGraph(graph, wasmTarget, {
    roundMore: true,
    measured: (node) => tunedFor(times, node),
  });
  const [fastest] = [...measured].sort(([, a], [, b]) => a - b)[0]!;
  const convs = plan.layers.filter(({ node }) => node.op === "conv2d");
  expect(convs.map(({ algorithm }) => algorithm)).toEqual([fastest, fastest]);
  expect(convs.every(({ isMeasured }) => isMeasured)).toBe(true);
});

test("what the preferences forbid is not timed, nor what has one algorithm only", async () => {
  const graph = returns(conv(image(16, 9), 16));
  const times = await tuneGraph(graph, wasmTarget, { roundMore: false }, effort);
  expect(times.layers.size).toBe(0);
  expect(times.machine.peak).toBeGreaterThan(0);
});
