import { expect, test } from "vitest";
import { planGraph } from "../../src/codegen/plan/index.js";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { sizeOf } from "../../src/ir/types.js";
import { expectClose } from "../support/close.js";
import { noise } from "../support/noise.js";
import { interpretPlan, runTypescript, runWasm } from "../support/run-plan.js";
import { families, graphOfCases } from "./cases.js";

/** Noise for every input: bytes where the input takes bytes. */
const inputsFor = (graph: Graph): Map<string, Float32Array | Uint8Array> =>
  new Map(
    graph.inputs.map(({ name, value }, index) => {
      const { element, shape } = value.type;
      const numbers = noise(sizeOf(shape), 70 + index);
      return [name, element === "u8" ? Uint8Array.from(numbers, (x) => 128 + 127 * x) : numbers];
    }),
  );

type Results = ReturnType<typeof interpretPlan>;

/** Bits, with one pattern for every NaN. */
const bitsOf = (data: Float32Array): number[] => [
  ...new Int32Array(data.map((x) => (Number.isNaN(x) ? Number.NaN : x)).buffer),
];

function expectSameBits(actual: Results, expected: Results): void {
  for (const [name, { data }] of expected) {
    expect(bitsOf(actual.get(name)!.data), name).toEqual(bitsOf(data));
  }
}

for (const [family, cases] of Object.entries(families)) {
  test(`${family}: evaluator, interpreter, WebAssembly and TypeScript agree`, async () => {
    const graph = graphOfCases(cases());
    const inputs = inputsFor(graph);
    const expected = evaluate(graph, inputs);

    const plan = planGraph(graph, wasmTarget);
    const interpreted = interpretPlan(plan, inputs);
    expectClose(interpreted, expected, 1e-5);
    expectSameBits(await runWasm(plan, inputs), interpreted);

    const scalar = planGraph(graph, typescriptTarget);
    expectClose(interpretPlan(scalar, inputs), expected, 1e-5);
    expectClose(await runTypescript(scalar, inputs), expected, 1e-5);
  });
}
