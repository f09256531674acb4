import type { Plan } from "../codegen/plan/index.js";
import type { PlannedLayer } from "../codegen/plan/plan.js";
import type { Node } from "../ir/graph.js";
import { loadSteps } from "./load-steps.js";
import { measurePeak } from "./probe.js";
import { StepTimes, warmUp } from "./time-steps.js";

/** What one layer, or a step beside the layers, took. */
export interface LayerTime {
  /** The layer, or what is filled or copied. */
  readonly name: string;
  /** Absent for halo fills and copies, which belong to no layer. */
  readonly layer?: PlannedLayer;
  /** The median of its runs. */
  readonly ms: number;
  /** Effective: of the multiply-accumulates that the operator has, two operations each. */
  readonly gflops: number;
  /** What share of the machine's peak that is; over 1 where an algorithm needs fewer operations. */
  readonly ofPeak: number;
}

/** The layers of a network and what they took, in order. */
export interface LayerTimes {
  readonly layers: readonly LayerTime[];
  /** The sum of all lines. */
  readonly ms: number;
  /** GFLOP/s of the plain register tile in this process, before and after: the larger. */
  readonly peak: number;
  readonly runs: number;
}

/** How long is measured, and how often each step runs at least and at most. */
const budget = { ms: 1500, least: 10, most: 2000, warmUp: 6 } as const;

/**
 * Times every step of a plan on one thread, in the order of the network, so that caches hold what they
 * hold in an inference.
 */
export async function timeLayers(plan: Plan): Promise<LayerTimes> {
  const before = await measurePeak();
  const loaded = await loadSteps(plan);
  loaded.fill();
  await warmUp(loaded, budget.warmUp);
  const times = new StepTimes(loaded);
  const end = performance.now() + budget.ms;
  let runs = 0;
  while (runs < budget.least || (runs < budget.most && performance.now() < end)) {
    times.sample();
    runs++;
  }
  const peak = Math.max(before, await measurePeak());
  const layers = linesOf(plan, times.medians, peak);
  return { layers, ms: layers.reduce((sum, { ms }) => sum + ms, 0), peak, runs };
}

/** Calls of one node are one line; the others are lines of their own, the same ones added up. */
function linesOf(plan: Plan, medians: readonly number[], peak: number): LayerTime[] {
  const layers = new Map(plan.layers.map((layer) => [layer.node, layer]));
  const lines = new Map<Node | string, { name: string; layer?: PlannedLayer; ms: number }>();
  plan.module.schedule.forEach((call, index) => {
    const node = plan.callNodes.get(call);
    const layer = node && layers.get(node);
    const key = node ?? call.comment;
    const known = lines.get(key) ?? { name: call.comment, ms: 0, ...(layer ? { layer } : {}) };
    lines.set(key, { ...known, ms: known.ms + medians[index]! });
  });
  return [...lines.values()].map((line) => {
    const gflops = (2 * (line.layer?.macs ?? 0)) / (line.ms * 1e6);
    return { ...line, gflops, ofPeak: gflops / peak };
  });
}
