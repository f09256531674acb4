import { nearest } from "../diagnostics/nearest.js";
import { InternalError, type Report } from "../diagnostics/report.js";
import { costOf } from "../ir/cost.js";
import type { Graph, Node } from "../ir/graph.js";
import { printGraph } from "../ir/print.js";
import { verify } from "../ir/verify.js";
import { checkGrants } from "./check-grants.js";
import type { Pass } from "./pass.js";
import { allPasses, type Level, pipelines } from "./pipeline.js";

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
  readonly report: Report;
}

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
  readonly ms: number;
}

/** One rewrite: the n-th of the list is the n-th that `maxRewrites` counts. */
export interface RewriteRecord {
  readonly pass: string;
  /** The parameter path of the rewritten node; empty when it has none. */
  readonly name: string;
  readonly op: string;
}

export interface PassResults {
  readonly graph: Graph;
  readonly passes: readonly PassRecord[];
  readonly rewrites: readonly RewriteRecord[];
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
  const dumps: { pass: string; text: string }[] = [];
  const budget = { left: options.maxRewrites ?? Number.POSITIVE_INFINITY };
  for (const pass of passesToRun(options)) {
    const rewritten: Node[] = [];
    const record = (node: Node): void => {
      rewritten.push(node);
    };
    const start = performance.now();
    const after = pass.run(graph, { budget, record });
    const ms = performance.now() - start;
    if (options.verifyEach) verifyAfter(pass, after);
    passes.push({ name: pass.name, changes: rewritten.length, ...costs(graph, after), ms });
    for (const { name, op } of rewritten) rewrites.push({ pass: pass.name, name, op });
    graph = after;
    if (options.printAfter?.includes(pass.name)) {
      dumps.push({ pass: pass.name, text: printGraph(graph) });
    }
  }
  return { graph, passes, rewrites, dumps };
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

function costs(before: Graph, after: Graph): Omit<PassRecord, "name" | "changes" | "ms"> {
  const old = costOf(before);
  const now = before === after ? old : costOf(after);
  return {
    macsBefore: old.macs,
    macsAfter: now.macs,
    paramsBefore: old.params,
    paramsAfter: now.params,
    bytesBefore: old.bytes,
    bytesAfter: now.bytes,
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
