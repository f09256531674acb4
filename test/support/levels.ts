import { chooseAlgorithms, predictNodeMs } from "../../src/codegen/plan/choose-algorithm.js";
import { type KernelTarget, wasmTarget } from "../../src/codegen/target.js";
import { Report } from "../../src/diagnostics/report.js";
import { costOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { runPasses } from "../../src/passes/run.js";
import { relativeL2 } from "./close.js";
import { noiseFor } from "./graphs.js";

/** The passes of level 1 that change a network's structure. */
export const structural = [
  "merge-branches",
  "swap-pointwise",
  "compose-kernels",
  "remove-dead-channels",
  "trim-kernels",
  "split-groups",
  "separate-kernels",
  "stack-kernels",
];

/** What level 1 makes of a network, next to level 0 and to level 1 without changes of structure. */
export interface Levels {
  /** The structural passes that rewrote something. */
  readonly fired: readonly string[];
  /** The largest relative L2 error of an output against level 0. */
  readonly error: number;
  /** Predicted milliseconds of all algorithms as they are chosen, with and without changes of structure. */
  readonly ms: number;
  readonly plainMs: number;
  /** Multiply-accumulates at level 1 and 0. */
  readonly macs: number;
  readonly writtenMacs: number;
}

/** Runs a network's level 1 with the structural passes, and without those of `disable`. */
export function levelOne(
  graph: Graph,
  target: KernelTarget = wasmTarget,
  disable: readonly string[] = [],
) {
  const report = new Report();
  const predictMs = (node: Graph["nodes"][number]) => predictNodeMs(node, target, true);
  return runPasses(graph, { level: 1, verifyEach: true, disable, predictMs, report });
}

/** Predicted milliseconds of one inference, each node with the algorithm that is chosen for it. */
export const planMs = (graph: Graph, target: KernelTarget = wasmTarget): number =>
  [...chooseAlgorithms(graph, target, { roundMore: true }).values()].reduce(
    (sum, { ms }) => sum + ms,
    0,
  );

/** What a network computes as it is written, from these inputs. */
export interface Expected {
  readonly inputs: ReadonlyMap<string, Float32Array>;
  readonly outputs: ReturnType<typeof evaluate>;
}

/** What a network computes from seeded noise. */
export function expectedOf(graph: Graph): Expected {
  const inputs = noiseFor(graph);
  return { inputs, outputs: evaluate(graph, inputs) };
}

/** Compares the levels. */
export function compareLevels(
  graph: Graph,
  target: KernelTarget = wasmTarget,
  expected = expectedOf(graph),
): Levels {
  const { graph: rewritten, passes } = levelOne(graph, target);
  const changed = passes.filter(({ name, changes }) => changes > 0 && structural.includes(name));
  return {
    fired: changed.map(({ name }) => name),
    error: errorOf(rewritten, expected),
    ms: planMs(rewritten, target),
    plainMs: planMs(levelOne(graph, target, structural).graph, target),
    macs: costOf(rewritten).macs,
    writtenMacs: costOf(graph).macs,
  };
}

/** The largest relative L2 error of an output, evaluated in float64. */
export function errorOf(graph: Graph, { inputs, outputs }: Expected): number {
  const results = evaluate(graph, inputs);
  const errors = [...outputs].map(([name, { data }]) => relativeL2(results.get(name)!.data, data));
  return Math.max(...errors);
}

/**
 * What is wrong with a network at level 1; undefined when nothing is: outputs stay, changes of structure never
 * cost predicted time, and multiply-accumulates are only more than written where they buy time.
 */
export function complaint(levels: Levels, limit = 2e-6): string | undefined {
  const { error, ms, plainMs, macs, writtenMacs } = levels;
  if (!(error <= limit)) return `outputs move by ${error}`;
  if (ms > plainMs * (1 + 1e-9)) return `predicted ${ms} ms against ${plainMs} ms without`;
  if (macs > writtenMacs && ms >= plainMs) return `${macs} MACs against ${writtenMacs} as written`;
  return undefined;
}

/** A network and what level 1 makes of it. */
interface Case {
  readonly seed: number;
  readonly graph: Graph;
  readonly levels: Levels;
}

/** Compares the levels of a network for each seed. */
export const casesOf = (
  seeds: readonly number[],
  graphOf: (seed: number) => Graph,
  target: KernelTarget = wasmTarget,
): Case[] =>
  seeds.map((seed) => {
    const graph = graphOf(seed);
    return { seed, graph, levels: compareLevels(graph, target) };
  });

/** Fails with the network of fewest nodes of which something is wrong, and the seeds of all of them. */
export function expectSound(cases: readonly Case[]): void {
  const wrong = cases.filter(({ levels }) => complaint(levels) !== undefined);
  const [smallest] = wrong.sort((a, b) => a.graph.nodes.length - b.graph.nodes.length);
  if (!smallest) return;
  const { seed, graph, levels } = smallest;
  const story = `seed ${seed}: ${complaint(levels)} (${levels.fired.join(", ")})`;
  const seeds = wrong.map((other) => other.seed).join(", ");
  throw new Error(`seeds ${seeds} fail; ${story}\n${printGraph(graph)}`);
}
