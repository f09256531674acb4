import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { verify } from "../../src/ir/verify.js";
import type { Pass } from "../../src/passes/pass.js";
import { contextFor } from "../../src/passes/run.js";
import type { StructureChange } from "../../src/passes/structure-change.js";
import { expectClose } from "./close.js";
import { noiseFor } from "./graphs.js";

/** A graph after one pass, checked; with at most so many rewrites. */
export function runPass(pass: Pass, graph: Graph, most = Number.POSITIVE_INFINITY): Graph {
  return watchPass(pass, graph, { maxRewrites: most }).graph;
}

/** What a pass did: the graph, checked, with the changes of structure and the reasons that it gave. */
export interface Watched {
  readonly graph: Graph;
  readonly changes: readonly StructureChange[];
  readonly refusals: readonly string[];
}

/** Runs one pass and keeps what it tells. */
export function watchPass(
  pass: Pass,
  graph: Graph,
  options: Parameters<typeof contextFor>[0] = {},
): Watched {
  const changes: StructureChange[] = [];
  const refusals: string[] = [];
  const result = pass.run(graph, {
    ...contextFor(options),
    record: (_, change) => change && changes.push(change),
    refuse: (_, reason) => refusals.push(reason),
  });
  verify(result);
  return { graph: result, changes, refusals };
}

/** Fails unless two graphs compute the same from seeded noise. */
export const expectSameMeaning = (actual: Graph, expected: Graph, limit = 2e-6): void =>
  expectClose(evaluate(actual, noiseFor(expected)), evaluate(expected, noiseFor(expected)), limit);
