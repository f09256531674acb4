import { resolve } from "node:path";
import { type CompileOptions, isTensors } from "./compile-options.js";
import type { Report } from "./diagnostics/report.js";
import type { Elaborated } from "./dsl/elaborate.js";
import type { FileName } from "./dsl/expansion.js";
import { FileReader } from "./files.js";
import { costOf } from "./ir/cost.js";
import type { Graph } from "./ir/graph.js";
import { sizeOf } from "./ir/types.js";
import { bindParameters, type ParameterSource } from "./passes/bind-parameters.js";
import { type ReadModel, rootOf, type Source } from "./source.js";
import { readSafetensors } from "./weights/safetensors.js";
import { storeOf } from "./weights/store.js";

/** The graph with labels from their file, and every parameter a constant. */
export function bindModel(
  source: Source,
  elaborated: ReadModel,
  options: CompileOptions,
  report: Report,
): Graph {
  const labelled = withLabels(source, elaborated, options, report);
  checkMemory(labelled, costOf(labelled).bytes, report);
  report.throwIfErrors();
  const { init, weights } = options;
  const isNamed = init === undefined && weights === undefined;
  return report.around(isNamed ? elaborated.weights?.span : undefined, () => {
    const parameters = parameterSource(source, elaborated, options, report);
    report.throwIfErrors();
    const bound = parameters ? bindParameters(labelled, parameters, report) : labelled;
    report.throwIfErrors();
    return bound;
  });
}

/** Addresses of WebAssembly are 32 bits; the last page is left out. */
const maxMemory = 2 ** 32 - 65536;

/** Reports a model that needs more memory than addresses reach. */
export function checkMemory({ name }: Graph, bytes: number, report: Report): void {
  if (bytes > maxMemory) report.add("memory-too-large", { model: name, bytes, limit: maxMemory });
}

/** The bytes of a file that a statement of the model names. */
function readNamed(
  source: Source,
  { path, span }: FileName,
  options: CompileOptions,
  report: Report,
  limit?: number,
): Uint8Array | undefined {
  const before = report.diagnostics.length;
  return report.around(span, () => {
    const bytes = new FileReader(report, rootOf(source, options)).read(path, limit);
    if (!bytes && report.diagnostics.length === before) report.add("file-not-found", { path });
    return bytes;
  });
}

function parameterSource(
  source: Source,
  { graph, weights: named, tensors, handed, hasOwnWeights = false }: ReadModel,
  options: CompileOptions,
  report: Report,
): ParameterSource | undefined {
  const { init, weights } = options;
  if (init) return { kind: "initialise", with: init.kind, seed: init.seed };
  if (typeof weights === "object")
    return { kind: "store", store: storeOf(weights), name: "weights" };
  if (typeof weights === "string" && !hasOwnWeights) {
    const path = source.kind === "file" ? resolve(weights) : resolve(options.base ?? ".", weights);
    const bytes = new FileReader(report).read(path);
    if (bytes) return storeFrom(bytes, weights, report);
    if (!report.hasErrors) report.add("file-not-found", { path: weights });
  } else if (tensors && tensors.size > 0 && source.kind === "file") {
    return { kind: "store", store: tensors, name: source.path };
  } else if (handed) {
    if (isTensors(handed)) return { kind: "store", store: storeOf(handed), name: "weights" };
    const wanted = "tensors { dtype, shape, data } by path";
    report.add("option-value", { name: "weights", wanted, has: "an unknown dtype" });
  } else if (named) {
    const bytes = readNamed(source, named, options, report);
    return bytes && storeFrom(bytes, named.path, report);
  } else {
    const count = graph.nodes.filter(({ op }) => op === "parameter").length;
    if (count > 0) report.add("no-weights", { model: graph.name, count });
  }
  return undefined;
}

function storeFrom(bytes: Uint8Array, file: string, report: Report): ParameterSource {
  return { kind: "store", store: readSafetensors(bytes, { file, report }), name: file };
}

/** The most bytes of a labels file. */
const maxLabelBytes = 4_000_000;

function withLabels(
  source: Source,
  { graph, labels: named }: Elaborated,
  options: CompileOptions,
  report: Report,
): Graph {
  const labels = named ? readLabels(source, named, options, report) : graph.labels;
  if (!labels) return graph;
  const { batch = 1 } = options;
  const sizes = graph.outputs.map(({ value }) => sizeOf(value.type.shape) / batch);
  if (!sizes.includes(labels.length)) {
    const outputs = graph.outputs.map(({ name }, i) => `${JSON.stringify(name)} has ${sizes[i]}`);
    const details = { labels: labels.length, outputs: outputs.join(", ") };
    report.add("labels-count", details, { span: named?.span });
  }
  return { ...graph, labels };
}

function readLabels(
  source: Source,
  named: FileName,
  options: CompileOptions,
  report: Report,
): readonly string[] | undefined {
  const bytes = readNamed(source, named, options, report, maxLabelBytes);
  if (!bytes) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.replace(/\s+$/, "").split(/\r?\n/);
  } catch {
    report.add("labels-not-text", { file: named.path }, { span: named.span });
    return undefined;
  }
}
