import { basename } from "node:path";
import { calibrationFor } from "./calibrate.js";
import { type CompileOptions, checkOptions } from "./compile-options.js";
import { type WrittenFiles, writeModel } from "./convert-model.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { Report } from "./diagnostics/report.js";
import { checkFormat } from "./formats.js";
import { costOf } from "./ir/cost.js";
import type { Graph } from "./ir/graph.js";
import { applyGrants } from "./passes/apply-grants.js";
import type { GateRecord } from "./passes/grants/gate-record.js";
import { letRewrite } from "./passes/grants/granted-convs.js";
import { partlyFolded } from "./passes/grants/partly-folded.js";
import { transplant } from "./passes/grants/transplant.js";
import { pipelines } from "./passes/pipeline.js";
import { contextFor } from "./passes/run.js";
import type { StructureChange } from "./passes/structure-change.js";
import { type StructureRecord, structureRecord } from "./passes/structure-record.js";
import {
  bindModel,
  elaborateSource,
  optimise,
  predictionFor,
  type Source,
  withGrants,
} from "./pipeline.js";
import { storeOf, type Tensor } from "./weights/store.js";

/** What a hand-over may be told. Levels and single passes are its own choice. */
export type HandOverOptions = Omit<
  CompileOptions,
  "level" | "stopAfter" | "disable" | "maxRewrites" | "printAfter"
>;

/** A rewritten network as source text and initial weights, to be trained on elsewhere. */
export interface HandedOver extends WrittenFiles {
  readonly diagnostics: readonly Diagnostic[];
  /** The rewrites that are in it. */
  readonly changes: readonly (StructureRecord & { readonly layer: string })[];
  /** Trained numbers and multiply-accumulates of a run, as the network was written and now. */
  readonly before: { readonly params: number; readonly macs: number };
  readonly after: { readonly params: number; readonly macs: number };
  /** How far the outputs move; undefined where all is exact. */
  readonly gate?: GateRecord | undefined;
  /** Whether layers that were not rewritten are as they were written, batch norms among them. */
  readonly othersAsWritten: boolean;
}

/** A network with rewrites in it, and what is told of them. */
interface Rewritten extends Pick<HandedOver, "changes" | "gate" | "othersAsWritten"> {
  readonly graph: Graph;
}

/**
 * Writes a model with the rewrites that its grants, or `tolerance`, allow. A batch norm behind a rewritten
 * convolution is in its factors; all others stay as written, unless a rewrite builds on another change of the
 * network: then all that level 1 folds is folded. Throws CompileError, also where nothing was rewritten.
 */
export const handOver = (
  path: string,
  weightsFile: string,
  options: HandOverOptions = {},
): Promise<HandedOver> => handOverBy(grantedGraph, path, weightsFile, options);

/** Writes a model with the exact changes of structure that level 1 makes, everything folded. Throws CompileError. */
export const handOverExact = (
  path: string,
  weightsFile: string,
  options: HandOverOptions = {},
): Promise<HandedOver> => handOverBy(exactGraph, path, weightsFile, options);

type RewriteGraph = (
  source: Source,
  bound: Graph,
  options: HandOverOptions,
  report: Report,
) => Rewritten | Promise<Rewritten>;

async function handOverBy(
  rewrite: RewriteGraph,
  path: string,
  weightsFile: string,
  options: HandOverOptions,
): Promise<HandedOver> {
  const report = new Report();
  checkOptions(options, report);
  checkFormat(path, report);
  report.throwIfErrors();
  const source = { kind: "file", path } as const;
  const elaborated = elaborateSource(source, options, report);
  const bound = bindModel(source, elaborated, options, report);
  const { graph, ...told } = await rewrite(source, bound, options, report);
  const files = writeModel(graph, tensorsOf(bound), basename(weightsFile), report);
  const [before, after] = [costOf(bound), costOf(graph)];
  return { ...files, ...told, before, after, diagnostics: report.diagnostics };
}

/** The pass in front of those that grants are for. */
const lastExact = pipelines[2].at(pipelines[2].indexOf(applyGrants) - 1)?.name;

/** The network with its granted rewrites, the rest as written where that can be. */
async function grantedGraph(
  source: Source,
  bound: Graph,
  options: HandOverOptions,
  report: Report,
): Promise<Rewritten> {
  const { name } = bound;
  if (!letRewrite(withGrants(bound, options).grants)) {
    report.add("hand-over-not-granted", { model: name });
  }
  report.throwIfErrors();
  const calibration = await calibrationFor(source, bound, options, report);
  const exact = optimise(bound, { ...options, level: 2, stopAfter: lastExact }, report);
  const predictMs = predictionFor(exact.graph, options);
  const found: { readonly layer: string; readonly change: StructureChange }[] = [];
  let gate: GateRecord | undefined;
  const whole = applyGrants.run(exact.graph, {
    ...contextFor({ predictMs, calibration, report, search: options.search }),
    record: ({ name: layer }, change) => change && found.push({ layer, change }),
    measured: (record) => {
      gate = record;
    },
  });
  if (found.length === 0) {
    report.add("hand-over-unchanged", { model: name, how: "as its grants allow" });
  }
  report.throwIfErrors();
  const made = found.map(({ change }) => change);
  const layers = new Set(found.map(({ layer }) => layer));
  const near = partlyFolded(bound, layers, predictMs, (graph) => transplant(graph, made));
  const changes = found.map(({ layer, change }) => ({
    layer,
    ...structureRecord(change, predictMs),
  }));
  return { graph: near ?? whole, changes, gate, othersAsWritten: near !== undefined };
}

/** Passes that give a network the form that code is made from, not another structure. */
const formPasses = ["flatten-linear", "sink-reshapes", "sink-transposes", "simplify-views"];

/** The network with every exact change of structure. */
function exactGraph(_: Source, bound: Graph, options: HandOverOptions, report: Report): Rewritten {
  const { graph, rewrites } = optimise(
    bound,
    { ...options, level: 1, disable: formPasses, stopAfter: lastExact },
    report,
  );
  const changes = rewrites.flatMap(({ name: layer, structure }) =>
    structure ? [{ layer, ...structure }] : [],
  );
  if (changes.length === 0) {
    report.add("hand-over-unchanged", { model: bound.name, how: "exactly" });
  }
  report.throwIfErrors();
  return { graph, changes, othersAsWritten: false };
}

/** The numbers of a graph's constants by the paths of the parameters that they were. */
function tensorsOf({ nodes }: Graph) {
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const { op, name, attrs } of nodes) {
    if (op !== "constant" || !("data" in attrs)) continue;
    tensors[name] = { dtype: "float32", shape: attrs.shape, data: attrs.data };
  }
  return storeOf(tensors);
}
