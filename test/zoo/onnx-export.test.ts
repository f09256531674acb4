import * as ort from "onnxruntime-web";
import { expect, test } from "vitest";
import { writeOnnx } from "../../src/export/onnx/write-onnx.js";
import { compileFile } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { sizeOf } from "../../src/ir/types.js";
import { exampleModels } from "../support/examples.js";
import { noise } from "../support/noise.js";
import { randomGraph } from "../support/random-graph.js";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/**
 * Runs a graph's ONNX form in onnxruntime and compares every output with the evaluator's. Its own rewrites are
 * off: they move padding into pools, which then refuse it.
 */
async function expectSameInOnnxruntime(graph: Graph, limit: number): Promise<void> {
  const options = { graphOptimizationLevel: "disabled" } as const;
  const session = await ort.InferenceSession.create(writeOnnx(graph), options);
  const inputs = graph.inputs.map(({ name, value }, i) => {
    const { shape } = value.type;
    return { name, shape, data: noise(sizeOf(shape), i + 1) };
  });
  const expected = evaluate(graph, new Map(inputs.map(({ name, data }) => [name, data])));
  const feeds = Object.fromEntries(
    inputs.map(({ name, shape, data }) => [name, new ort.Tensor("float32", data, shape)]),
  );
  const results = await session.run(feeds);
  for (const [name, { data, shape }] of expected) {
    const actual = results[name]!;
    expect(actual.dims).toEqual([...shape]);
    const values = actual.data as Float32Array;
    const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
    const worst = data.reduce((most, x, i) => Math.max(most, Math.abs(x - values[i]!)), 0);
    expect(worst / largest).toBeLessThan(limit);
  }
  await session.release();
}

const reduced = { size: 64, width: 0.25, classes: 10 };
const own: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  digits: {},
  lenet5: { width: 0.5 },
  alexnet: { ...reduced, size: 96 },
  nin: { ...reduced, size: 96 },
  xception: { ...reduced, size: 71 },
  tiny_face: { size: 64 },
  embedded: {},
  filters: {},
};
/** Those with weights of their own. */
const trained = ["digits", "filters"];

test.each(exampleModels)(
  "$name $model: onnxruntime computes what the evaluator computes",
  async ({ name, file, model }) => {
    const { written } = await compileFile(file, {
      model,
      set: own[name] ?? reduced,
      ...(trained.includes(name) ? {} : { init: { kind: "he", seed: 1 } }),
    });
    await expectSameInOnnxruntime(written, 1e-4);
  },
);

/** Whether a pixel of a smaller image lies exactly between two of the larger, where a rounded scale decides. */
const isUndecided = (graph: Graph): boolean =>
  graph.nodes.some((node) => {
    if (node.op !== "resize" || node.attrs.mode !== "nearest") return false;
    const { shape } = node.operands.input.type;
    return node.attrs.size.some((out, axis) => {
      const size = shape[axis + 2]!;
      const isWhole = size % out === 0 || out % size === 0;
      return (
        !isWhole &&
        Array.from({ length: out - 1 }, (_, i) => (i + 1) * size).some((at) => at % out === 0)
      );
    });
  });

const seeds = [...Array(400).keys()]
  .filter((seed) => !isUndecided(randomGraph(seed)))
  .slice(0, 200);

test("there are two hundred random graphs", () => {
  expect(seeds).toHaveLength(200);
});

test.each(seeds)("random graph %i: onnxruntime computes what the evaluator computes", (seed) =>
  expectSameInOnnxruntime(randomGraph(seed), 1e-4),
);
