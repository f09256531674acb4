import { type Node, operandsOf } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import { type Work, workKinds } from "../kernels/work.js";
import type { KernelTarget } from "../target.js";
import { machineCosts } from "./machine-costs.js";

/** The work of an algorithm that says nothing of it: a pass over the windows of a pool, or over all elements. */
export function elementWork(node: Node): Work {
  const results = node.results.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  if (node.op === "maxPool" || node.op === "avgPool") {
    const [rows, columns] = node.attrs.kernel;
    return { elements: results * rows * columns };
  }
  const read = operandsOf(node).reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  return { elements: results + read };
}

/** Milliseconds that some work takes on a target, one kind after the other. */
export function predictMs(work: Work, target: KernelTarget): number {
  const costs = machineCosts[target.name];
  const microseconds = workKinds.reduce((sum, kind) => sum + (work[kind] ?? 0) / costs[kind], 0);
  return microseconds / 1000;
}

/** `1.92 ms`, or `340 µs` and `0.12 µs` below a tenth of a millisecond. */
export const printDuration = (ms: number): string =>
  ms >= 0.1 ? `${Number(ms.toPrecision(3))} ms` : `${Number((1000 * ms).toPrecision(3))} µs`;
