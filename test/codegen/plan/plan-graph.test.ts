import fc from "fast-check";
import { expect, test } from "vitest";
import { planGraph } from "../../../src/codegen/plan/index.js";
import { typescriptTarget, wasmTarget } from "../../../src/codegen/target.js";
import { evaluate } from "../../../src/ir/evaluate.js";
import { expectClose } from "../../support/close.js";
import {
  conv,
  image,
  input,
  linear,
  maxPool,
  noiseFor,
  relu,
  returns,
} from "../../support/graphs.js";
import { type MakerName, randomGraph } from "../../support/random-graph.js";
import { expectPlanned, runWasm } from "../../support/run-plan.js";

const chain = () => {
  const first = conv(image(3, 7, 9), 6, { epilogue: [{ kind: "unary", fn: { kind: "relu" } }] });
  return returns(conv(first, 16, { stride: 2, seed: 3 }));
};

test("a chain of convolutions computes what the evaluator computes", async () => {
  const graph = chain();
  expectPlanned(graph);
  const inputs = noiseFor(graph);
  expectClose(await runWasm(planGraph(graph, wasmTarget), inputs), evaluate(graph, inputs), 1e-5);
});

test("the same graph gives the same plan", () => {
  const [one, other] = [chain(), chain()].map((graph) => planGraph(graph, wasmTarget));
  expect(JSON.stringify(one!.module)).toBe(JSON.stringify(other!.module));
  expect(one!.weights).toEqual(other!.weights);
});

test("layers tell what they cost and why an algorithm was not taken", () => {
  const plan = planGraph(returns(conv(image(8, 4), 8, { name: "layer" })), wasmTarget);
  expect(plan.layers).toHaveLength(1);
  expect(plan.layers[0]).toMatchObject({
    algorithm: "direct",
    rejected: [
      { algorithm: "depthwise", reason: "it has one group" },
      { algorithm: "winograd 4x4", reason: "it has few channels" },
      { algorithm: "winograd 2x2", reason: "it has few channels" },
    ],
    macs: 8 * 8 * 9 * 16,
    weightBytes: 4 * (8 * 8 * 9 + 8),
    arenaBytes: 4 * 8 * 16,
  });
});

/** Makers whose results depend on where values lie. */
const moving: readonly MakerName[] = [
  "conv",
  "depthwise",
  "pointwise",
  "deconv",
  "residual",
  "convNormRelu",
  "activation",
  "arithmetic",
  "join",
  "concat",
  "concatRows",
  "slice",
  "split",
  "transpose",
  "reshape",
  "dropout",
];

test("random networks full of views and joins compute what the evaluator computes", () => {
  fc.assert(
    fc.property(fc.nat(100_000), (seed) => {
      expectPlanned(randomGraph(seed, { steps: 8, only: moving, elements: 1000 }), 2e-5);
    }),
    { seed: 31, numRuns: 25 },
  );
});

test("random networks run as WebAssembly", async () => {
  for (let seed = 200; seed < 206; seed++) {
    const graph = randomGraph(seed, { steps: 6, only: moving, elements: 2000 });
    const inputs = noiseFor(graph);
    expectClose(await runWasm(planGraph(graph, wasmTarget), inputs), evaluate(graph, inputs), 2e-5);
  }
});

test("a batch of vectors through linear layers", () => {
  for (const images of [1, 3, 4])
    expectPlanned(returns(linear(relu(linear(input([images, 13]), 21)), 5)));
});

test("a network without weights needs no memory for any", () => {
  const plan = planGraph(returns(relu(image(3, 3))), typescriptTarget);
  expect([plan.weightBytes, plan.weights]).toEqual([0, []]);
});

test("Winograd convolutions compute what the evaluator computes, their kernels share memory", () => {
  const options = { epilogue: [{ kind: "unary", fn: { kind: "relu" } }] as const };
  const wide = conv(image(16, 18, 19), 16, { ...options, name: "wide", gain: 0.2 });
  const deep = conv(maxPool(wide), 20, { ...options, name: "deep", gain: 0.2, seed: 2 });
  const graph = returns(deep);
  expectPlanned(graph, 1e-5);
  const { layers, module } = planGraph(graph, wasmTarget);
  expect(layers.map(({ algorithm }) => algorithm.replace(/ \dx\d/, ""))).toEqual([
    "winograd",
    "clipped windows",
    "winograd",
  ]);
  const at = module.schedule.findIndex((call) => call.function.endsWith("_inputs"));
  const [before, after] = module.schedule.slice(at);
  expect(before?.function).toBe(`${after?.function}_inputs`);
  expect(after?.arguments).toContainEqual(before?.arguments[1]);
});
