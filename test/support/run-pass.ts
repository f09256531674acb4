import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { verify } from "../../src/ir/verify.js";
import type { Pass } from "../../src/passes/pass.js";
import { expectClose } from "./close.js";
import { noiseFor } from "./graphs.js";

/** A graph after one pass, checked; with at most so many rewrites. */
export function runPass(pass: Pass, graph: Graph, most = Number.POSITIVE_INFINITY): Graph {
  const result = pass.run(graph, { budget: { left: most }, record: () => undefined });
  verify(result);
  return result;
}

/** Fails unless two graphs compute the same from seeded noise. */
export const expectSameMeaning = (actual: Graph, expected: Graph, limit = 2e-6): void =>
  expectClose(evaluate(actual, noiseFor(expected)), evaluate(expected, noiseFor(expected)), limit);
