import { nearest } from "../diagnostics/nearest.js";
import { InternalError, Report } from "../diagnostics/report.js";
import { costOf } from "../ir/cost.js";
import type { Graph, Node } from "../ir/graph.js";
import { printGraph } from "../ir/print.js";
import { verify } from "../ir/verify.js";
import type { Calibration } from "./calibration.js";
import { checkGrants } from "./check-grants.js";
import type { GateRecord } from "./grants/gate-record.js";
import type { Pass, PassContext } from "./pass.js";
import { allPasses, type Level, pipelines } from "./pipeline.js";
import { plainMs } from "./plain-ms.js";
import { predictAll } from "./structural-pass.js";
import { type StructureRecord, structureRecord } from "./structure-record.js";

/** How passes are run. Names of passes that are not known are reported as errors. */
export interface RunOptions {
  readonly level: Level;
  /** Passes to leave out. */
  readonly disable?: readonly string[] | undefined;
  /** The last pass to run. */
  readonly stopAfter?: string | undefined;
  /** Passes after which the graph is printed. */
  readonly printAfter?: readonly string[] | undefined;
  /** Only the first so many rewrites are made, to find the one that breaks a network. */
  readonly maxRewrites?: number | undefined;
  /** Checks the graph after each pass. */
  readonly verifyEach?: boolean | undefined;
  /** Whether weights are searched for structure however long that takes. */
  readonly search?: boolean | undefined;
  /** Milliseconds that a node takes on the target; a rough table of the passes' own unless told. */
  predictMs?(node: Node): number;
  /** What granted rewrites are fitted to and measured on. */
  readonly calibration?: Calibration | undefined;
  readonly report: Report;
}

/** Multiply-accumulates that looking for structure may take unless `search` is on: some tenths of a second. */
const plainEffort = 4e8;

/** What one pass did. */
export interface PassRecord {
  readonly name: string;
  /** The number of rewrites. */
  readonly changes: number;
  readonly macsBefore: number;
  readonly macsAfter: number;
  readonly paramsBefore: number;
  readonly paramsAfter: number;
  /** Of all weights and constants. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Milliseconds that one inference is predicted to take, nodes one after the other. */
  readonly predictedMsBefore: number;
  readonly predictedMsAfter: number;
  /** Milliseconds that the pass itself took. */
  readonly ms: number;
}

/** One rewrite: the n-th of the list is the n-th that `maxRewrites` counts. */
export interface RewriteRecord {
  readonly pass: string;
  /** The parameter path of the rewritten node; empty when it has none. */
  readonly name: string;
  readonly op: string;
  /** What it did to the network's structure, where it did. */
  readonly structure?: StructureRecord | undefined;
}

/** A node that a pass looked at and left as it is. */
export interface RefusalRecord {
  readonly pass: string;
  readonly name: string;
  readonly op: string;
  /** A clause in lower case. */
  readonly reason: string;
}

export interface PassResults {
  readonly graph: Graph;
  readonly passes: readonly PassRecord[];
  readonly rewrites: readonly RewriteRecord[];
  readonly refusals: readonly RefusalRecord[];
  /** How far rewrites that approximate move the outputs; undefined when there are none. */
  readonly gate?: GateRecord | undefined;
  /** The graph after each pass of `printAfter`, in order of the passes. */
  readonly dumps: readonly { readonly pass: string; readonly text: string }[];
}

/**
 * Runs the passes of a level in order. The same graph when none of them changes anything. Warns of
 * grants that none of them uses.
 */
export function runPasses(graph: Graph, options: RunOptions): PassResults {
  checkGrants(graph, options.level, options.report);
  const passes: PassRecord[] = [];
  const rewrites: RewriteRecord[] = [];
  const refusals: RefusalRecord[] = [];
  const dumps: { pass: string; text: string }[] = [];
  let gate: GateRecord | undefined;
  const context = contextFor(options);
  for (const pass of passesToRun(options)) {
    const before = rewrites.length;
    const start = performance.now();
    const after = pass.run(graph, {
      ...context,
      record: ({ name, op }, change) => {
        const structure = change && structureRecord(change, context.predictMs);
        rewrites.push({ pass: pass.name, name, op, ...(structure ? { structure } : {}) });
      },
      refuse: ({ name, op }, reason) => refusals.push({ pass: pass.name, name, op, reason }),
      measured: (record) => {
        gate = record;
      },
    });
    const ms = performance.now() - start;
    if (options.verifyEach) verifyAfter(pass, after);
    const changes = rewrites.length - before;
    passes.push({ name: pass.name, changes, ...costs(graph, after, context.predictMs), ms });
    graph = after;
    if (options.printAfter?.includes(pass.name)) {
      dumps.push({ pass: pass.name, text: printGraph(graph) });
    }
  }
  return { graph, passes, rewrites, refusals, gate, dumps };
}

/** What passes run with, before anybody takes notes. */
export function contextFor(
  options: Partial<
    Pick<RunOptions, "maxRewrites" | "search" | "predictMs" | "calibration" | "report">
  >,
): PassContext {
  const { maxRewrites, search, predictMs = plainMs, calibration, report = new Report() } = options;
  return {
    budget: { left: maxRewrites ?? Number.POSITIVE_INFINITY },
    effort: { left: search ? Number.POSITIVE_INFINITY : plainEffort },
    predictMs: rememberedMs(predictMs),
    calibration,
    report,
    record: () => {},
    refuse: () => {},
    measured: () => {},
  };
}

/** Predictions, each made once: nodes never change. */
function rememberedMs(predictMs: (node: Node) => number): (node: Node) => number {
  const known = new WeakMap<Node, number>();
  return (node) => {
    const ms = known.get(node) ?? predictMs(node);
    known.set(node, ms);
    return ms;
  };
}

/** The level's passes without those that the options leave out. */
function passesToRun(options: RunOptions): readonly Pass[] {
  const { level, disable = [], stopAfter, printAfter = [], report } = options;
  const chosen = pipelines[level];
  const last = stopAfter === undefined ? -1 : chosen.findIndex(({ name }) => name === stopAfter);
  const started = last < 0 ? chosen : chosen.slice(0, last + 1);
  const run = started.filter(({ name }) => !disable.includes(name));
  checkNames("disable", disable, chosen, level, report);
  checkNames("stop-after", stopAfter === undefined ? [] : [stopAfter], chosen, level, report);
  checkNames("print-after", printAfter, run, level, report);
  return run;
}

/** Reports names of no pass as errors, and those of passes that are not run as warnings. */
function checkNames(
  option: string,
  names: readonly string[],
  run: readonly Pass[],
  level: Level,
  report: Report,
): void {
  const known = allPasses.map(({ name }) => name);
  for (const pass of names) {
    if (!known.includes(pass)) {
      const hint = { nearest: nearest(pass, known), known: known.join(", ") };
      report.add("unknown-pass", { option, pass, ...hint });
    } else if (!run.some(({ name }) => name === pass)) {
      report.add("pass-not-run", { option, pass, level });
    }
  }
}

function costs(
  before: Graph,
  after: Graph,
  predictMs: (node: Node) => number,
): Omit<PassRecord, "name" | "changes" | "ms"> {
  const old = costOf(before);
  const now = before === after ? old : costOf(after);
  return {
    macsBefore: old.macs,
    macsAfter: now.macs,
    paramsBefore: old.params,
    paramsAfter: now.params,
    bytesBefore: old.bytes,
    bytesAfter: now.bytes,
    predictedMsBefore: predictAll(before.nodes, { predictMs }),
    predictedMsAfter: predictAll(after.nodes, { predictMs }),
  };
}

function verifyAfter(pass: Pass, graph: Graph): void {
  try {
    verify(graph);
  } catch (problem) {
    const message = problem instanceof Error ? problem.message : String(problem);
    throw new InternalError(`after the pass ${pass.name}: ${message}`);
  }
}
