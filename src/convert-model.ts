import { basename } from "node:path";
import { type CompileOptions, checkOptions } from "./compile-options.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { InternalError, Report } from "./diagnostics/report.js";
import { print } from "./dsl/format.js";
import { languageNames } from "./dsl/language-names.js";
import { checkFormat } from "./formats.js";
import { type WrittenTensor, writeCnn } from "./import/write-cnn/write-cnn.js";
import type { Graph } from "./ir/graph.js";
import { elaborateSource } from "./pipeline.js";
import { writeSafetensors } from "./weights/safetensors.js";
import { type Tensor, type TensorStore, toFloat32 } from "./weights/store.js";

/** A network as source text and weights. */
export interface WrittenFiles {
  /** The `.cnn` text; it names its weights file. */
  readonly source: string;
  /** The `.safetensors` file's bytes. */
  readonly weights: Uint8Array;
  /** The option `batch` that compiles the source to the same. */
  readonly batch: number;
}

/** A model of another format as source text and weights. */
export interface Converted extends WrittenFiles {
  readonly diagnostics: readonly Diagnostic[];
}

/** The numbers of one tensor, under the shape that the language gives it. */
function tensorOf({ path, value, shape }: WrittenTensor, store: TensorStore): Tensor {
  const { node } = value;
  if (node.op === "constant") return { dtype: "float32", shape, data: node.attrs.data };
  const stored = node.op === "parameter" ? store.get(node.attrs.path) : undefined;
  if (!stored) throw new InternalError(`the tensor of ${path} is not in the model`);
  return { dtype: "float32", shape, data: toFloat32(stored.read()) };
}

/** The model called as its file; `model.json` says nothing, and the reader's name is kept. */
function nameAfter(path: string, graph: Graph): Graph {
  const name = basename(path).replace(/\.[a-z]+$/i, "");
  return name.toLowerCase() === "model" ? graph : { ...graph, name };
}

/** Reports a model whose tensors are missing. */
function checkTensors(graph: Graph, tensors: TensorStore, report: Report): void {
  const missing = graph.nodes.filter(
    ({ op, attrs }) => op === "parameter" && "path" in attrs && !tensors.has(attrs.path),
  );
  if (missing.length > 0) report.add("no-weights", { model: graph.name, count: missing.length });
}

/**
 * Reads a model of another format and writes it as a `.cnn` file would have it, with its weights as
 * safetensors under the name `weightsFile`. Throws CompileError, also where the language has no words.
 */
export function convertFile(
  path: string,
  weightsFile: string,
  options: CompileOptions = {},
): Converted {
  const report = new Report();
  checkOptions(options, report);
  checkFormat(path, report);
  report.throwIfErrors();
  const { graph, tensors = new Map() } = elaborateSource({ kind: "file", path }, options, report);
  checkTensors(graph, tensors, report);
  report.throwIfErrors();
  const files = writeModel(nameAfter(path, graph), tensors, weightsFile, report);
  return { ...files, diagnostics: report.diagnostics };
}

/**
 * A graph as a `.cnn` file with its weights as safetensors under the name `weightsFile`; `tensors` has the
 * numbers of its parameters. Throws CompileError where the language has no words.
 */
export function writeModel(
  graph: Graph,
  tensors: TensorStore,
  weightsFile: string,
  report: Report,
): WrittenFiles {
  const written = writeCnn(graph, basename(weightsFile), languageNames, report);
  report.throwIfErrors();
  if (!written) throw new InternalError("the model was not written and nothing says why");
  const list = written.tensors.map((tensor) => [tensor.path, tensorOf(tensor, tensors)] as const);
  return {
    source: print(written.tree),
    weights: writeSafetensors(list),
    batch: written.batch,
  };
}
