import { expect } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { relativeError } from "./close.js";
import { noiseFor } from "./graphs.js";

/** Fails unless a graph with the output `y`, compiled for either target, computes what the evaluator does. */
export async function expectSameInTargets(graph: Graph): Promise<void> {
  const inputs = noiseFor(graph);
  const expected = evaluate(graph, inputs).get("y")!.data;
  for (const target of ["wasm", "ts"] as const) {
    const model = await instantiate(await compile(graph, { target, verifyEach: true }));
    const { y } = model.run(Object.fromEntries(inputs));
    expect(relativeError(y!, expected)).toBeLessThan(1e-5);
  }
}
