import { CompileError, Report } from "../../../src/diagnostics/report.js";
import type { Imported } from "../../../src/import/imported.js";
import { readOnnx } from "../../../src/import/onnx/read-onnx.js";
import { evaluate } from "../../../src/ir/evaluate.js";
import type { Graph } from "../../../src/ir/graph.js";
import type { Dense } from "../../../src/ir/ops/operator.js";
import { verify } from "../../../src/ir/verify.js";
import { bindParameters } from "../../../src/passes/bind-parameters.js";
import type { Tensor } from "../../../src/weights/store.js";
import { type ModelParts, onnxModel } from "../../support/onnx-model.js";

export interface ReadOptions {
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly batch?: number;
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Reads a model's bytes; throws what is wrong with them. */
export function readBytes(bytes: Uint8Array, options: ReadOptions = {}): Imported {
  const { shapes = {}, constants = {}, batch, files = {} } = options;
  const report = new Report();
  const read = (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined);
  const context = { path: "m.onnx", read, shapes, constants, batch };
  const imported = readOnnx(bytes, context, report);
  if (imported) return imported;
  throw new CompileError(report.diagnostics);
}

/** A model as a graph with its weights in it. */
export function readGraph(parts: ModelParts, options: ReadOptions = {}): Graph {
  const { graph, tensors } = readBytes(onnxModel(parts), options);
  const report = new Report();
  const bound = bindParameters(graph, { kind: "store", store: tensors, name: "m.onnx" }, report);
  report.throwIfErrors();
  verify(bound);
  return bound;
}

/** What a model computes, by its reference meaning. */
export const runModel = (
  parts: ModelParts,
  inputs: Readonly<Record<string, readonly number[]>>,
  options: ReadOptions = {},
): Map<string, Dense> =>
  evaluate(
    readGraph(parts, options),
    new Map(Object.entries(inputs).map(([name, data]) => [name, Float32Array.from(data)])),
  );
