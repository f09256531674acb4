import type { Form } from "./codegen/package/declarations.js";
import { factsOf, type TensorFacts } from "./codegen/package/facts.js";
import type { Plan } from "./codegen/plan/index.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import type { Report } from "./diagnostics/report.js";
import { writeAll } from "./files.js";
import { costOf } from "./ir/cost.js";
import type { Graph } from "./ir/graph.js";
import type { GateRecord } from "./passes/grants/gate-record.js";
import type { PassRecord, PassResults } from "./passes/run.js";
import type { StructureRecord } from "./passes/structure-record.js";

/** What is known of an input or output. */
export interface TensorSummary {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "uint8";
  readonly layout: string;
}

/** One planned layer of the compiled network. */
export interface LayerSummary {
  /** The parameter path; empty for what belongs to no stage. */
  readonly name: string;
  readonly op: string;
  /** The algorithm that computes it. */
  readonly kernel: string;
  readonly shape: readonly number[];
  readonly macs: number;
  /** Bytes of its packed constants and of its result in the arena. */
  readonly bytes: number;
}

/** A rewrite that changed the network's structure, with what it costs and gains. */
export interface RewriteSummary extends StructureRecord {
  readonly pass: string;
  /** The parameter path of the rewritten layer. */
  readonly layer: string;
}

/** A layer that a pass looked at and left as it is. */
export interface RefusalSummary {
  readonly pass: string;
  readonly layer: string;
  readonly reason: string;
}

/** What compiling did, in numbers. */
export interface CompileReport {
  /** Multiply-accumulates of one run, and those of the network as it was written. */
  readonly macs: number;
  readonly macsAsWritten: number;
  /** Trained numbers of the network as it was written. */
  readonly params: number;
  /** Bytes of code: everything but the weights and the types. */
  readonly codeBytes: number;
  /** Bytes of the weights file, and of memory for what lies between layers. */
  readonly weightBytes: number;
  readonly arenaBytes: number;
  readonly passes: readonly PassRecord[];
  readonly rewrites: readonly RewriteSummary[];
  readonly refusals: readonly RefusalSummary[];
  readonly layers: readonly LayerSummary[];
  /** How far rewrites that approximate move the outputs; undefined when there are none. */
  readonly gate?: GateRecord | undefined;
}

/** A compiled model. */
export interface Compiled {
  /** The files' name without an ending. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSummary>>;
  readonly outputs: Readonly<Record<string, TensorSummary>>;
  /** The network as it was written, weights bound, before any pass. */
  readonly written: Graph;
  /** The network after all passes. */
  readonly graph: Graph;
  readonly report: CompileReport;
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** The module's files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Writes the files, all or none, and gives their paths. */
  write(folder: string): Promise<string[]>;
}

/** What the stages made. */
export interface Made {
  readonly name: string;
  readonly written: Graph;
  readonly optimised: PassResults;
  readonly plan: Plan;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly form: Form;
  readonly report: Report;
}

/** The results of all stages as callers get them. */
export function compiledFrom(made: Made): Compiled {
  const { name, plan, files, report } = made;
  const facts = factsOf(plan);
  return {
    name,
    inputs: summaries(facts.inputs),
    outputs: summaries(facts.outputs),
    written: made.written,
    graph: plan.graph,
    report: reportOf(made),
    diagnostics: report.diagnostics,
    files,
    write: (folder) => writeAll(folder, files),
  };
}

/** By name, without a prototype: a tensor may be called `__proto__`. */
function summaries(tensors: readonly TensorFacts[]): Readonly<Record<string, TensorSummary>> {
  const named: Record<string, TensorSummary> = Object.create(null);
  for (const { name, shape, dtype, layout } of tensors) named[name] = { shape, dtype, layout };
  return named;
}

function reportOf(made: Made): CompileReport {
  const { written, optimised, plan } = made;
  const { macs, params } = costOf(written);
  return {
    macs: costOf(plan.graph).macs,
    macsAsWritten: macs,
    params,
    codeBytes: codeBytes(made),
    weightBytes: plan.weightsFile.bytes,
    arenaBytes: plan.arenaBytes,
    passes: optimised.passes,
    rewrites: optimised.rewrites.flatMap(({ pass, name, structure }) =>
      structure ? [{ pass, layer: name, ...structure }] : [],
    ),
    refusals: optimised.refusals.map(({ pass, name, reason }) => ({ pass, layer: name, reason })),
    layers: layersOf(plan),
    ...(optimised.gate ? { gate: optimised.gate } : {}),
  };
}

/** The bytes of what runs: the module and its kernels, without weights that are inlined as base64. */
function codeBytes({ files, form, plan, name }: Made): number {
  const sizeOf = (ending: string): number => files.get(name + ending)?.length ?? 0;
  const inlined = form === "files" ? 0 : 4 * Math.ceil(plan.weightsFile.bytes / 3);
  return sizeOf(".js") + sizeOf(".wasm") - inlined;
}

/** A plan's layers in numbers. */
export const layersOf = (plan: Plan): LayerSummary[] =>
  plan.layers.map(({ node, algorithm, macs, weightBytes, arenaBytes }) => ({
    name: node.name,
    op: node.op,
    kernel: algorithm,
    shape: node.results[0]?.type.shape ?? [],
    macs,
    bytes: weightBytes + arenaBytes,
  }));
