import { cpus } from "node:os";
import { candidateNames, isWorked, type Preferences } from "../codegen/plan/choose-algorithm.js";
import { type Plan, planGraph } from "../codegen/plan/index.js";
import { layerKey } from "../codegen/plan/layer-key.js";
import type { TunedTimes } from "../codegen/plan/tuned-times.js";
import type { KernelTarget } from "../codegen/target.js";
import type { Graph, Node } from "../ir/graph.js";
import { type LoadedSteps, loadSteps, stepMemory } from "./load-steps.js";
import { measurePeak } from "./probe.js";
import { StepTimes, warmUp } from "./time-steps.js";

/** Times of one algorithm on one kind of layer are the shortest of `turns` turns of several runs each. */
export interface TuneEffort {
  readonly turns: number;
  /** How long a turn of one variant runs at least, in milliseconds. */
  readonly ms: number;
}

const usual: TuneEffort = { turns: 4, ms: 250 };

/** Runs before the first turn, so that an engine has its fast code, and before each other. */
const warmUpRuns = { first: 6, again: 1 } as const;
const leastRuns = 3;

/** The network with each layer's algorithm of one number, where it has so many. */
interface Variant {
  readonly plan: Plan;
  readonly times: StepTimes;
}

/** Kinds of layers with several algorithms, and their names. */
function contestedLayers(
  graph: Graph,
  target: KernelTarget,
  preferences: Preferences,
): Map<string, readonly string[]> {
  const layers = new Map<string, readonly string[]>();
  for (const node of graph.nodes.filter(isWorked)) {
    const names = candidateNames(node, target, preferences);
    if (names.length > 1) layers.set(layerKey(node), [...names].sort());
  }
  return layers;
}

async function loadVariants(
  graph: Graph,
  target: KernelTarget,
  preferences: Preferences,
  layers: ReadonlyMap<string, readonly string[]>,
): Promise<Variant[]> {
  const count = Math.max(...[...layers.values()].map((names) => names.length));
  const plans = Array.from({ length: count }, (_, index) => {
    const prefer = (node: Node): string | undefined => {
      const names = layers.get(layerKey(node));
      return names?.[index % names.length];
    };
    return planGraph(graph, target, { ...preferences, prefer });
  });
  const bytes = Math.max(...plans.map(({ module }) => module.memoryBytes));
  const memory = stepMemory(target.name, bytes);
  const loaded: LoadedSteps[] = [];
  for (const plan of plans) loaded.push(await loadSteps(plan, memory));
  return loaded.map((steps) => ({ plan: steps.plan, times: new StepTimes(steps) }));
}

async function takeTurn({ times }: Variant, isFirst: boolean, ms: number): Promise<void> {
  times.loaded.fill();
  await warmUp(times.loaded, isFirst ? warmUpRuns.first : warmUpRuns.again);
  const end = performance.now() + ms;
  for (let run = 0; run < leastRuns || performance.now() < end; run++) times.sample();
}

/** Milliseconds of each layer of a variant, all its calls added up: by node. */
function nodeTimes({ plan, times }: Variant): Map<Node, number> {
  const sums = new Map<Node, number>();
  const { shortest } = times;
  plan.module.schedule.forEach((call, index) => {
    const node = plan.callNodes.get(call);
    if (node) sums.set(node, (sums.get(node) ?? 0) + shortest[index]!);
  });
  return sums;
}

/** The mean over layers of one kind, of the variants the smallest. */
function collect(
  variants: readonly Variant[],
  layers: ReadonlyMap<string, readonly string[]>,
): Map<string, Map<string, number>> {
  const collected = new Map<string, Map<string, number>>();
  for (const variant of variants) {
    const sums = new Map<string, { algorithm: string; layer: string; ms: number; count: number }>();
    const times = nodeTimes(variant);
    for (const { node, algorithm } of variant.plan.layers) {
      const layer = layerKey(node);
      const ms = times.get(node);
      if (ms === undefined || !layers.has(layer)) continue;
      const known = sums.get(layer) ?? { algorithm, layer, ms: 0, count: 0 };
      sums.set(layer, { ...known, ms: known.ms + ms, count: known.count + 1 });
    }
    for (const { layer, algorithm, ms, count } of sums.values()) {
      const own = collected.get(layer) ?? new Map<string, number>();
      // A clock may not tick within a very short call.
      const mean = Math.max(ms / count, 1e-6);
      collected.set(layer, own.set(algorithm, Math.min(mean, own.get(algorithm) ?? mean)));
    }
  }
  return collected;
}

/**
 * Times every algorithm of every kind of layer that has several: the whole network runs with each layer's
 * first, then with each layer's second, and so on, in turns and step by step, so that caches hold what they
 * hold in an inference. Algorithms that the preferences forbid are not timed.
 */
export async function tuneGraph(
  graph: Graph,
  target: KernelTarget,
  preferences: Preferences,
  { turns, ms }: TuneEffort = usual,
): Promise<TunedTimes> {
  const layers = contestedLayers(graph, target, preferences);
  const variants = layers.size === 0 ? [] : await loadVariants(graph, target, preferences, layers);
  for (let turn = 0; turn < turns; turn++) {
    for (const variant of variants) await takeTurn(variant, turn === 0, ms);
  }
  const all = cpus();
  const machine = {
    cpu: all[0]?.model.trim() || "unknown",
    cores: Math.max(1, all.length),
    node: process.versions.node,
    peak: Number((await measurePeak()).toFixed(1)),
  };
  return { target: target.name, machine, layers: collect(variants, layers) };
}
