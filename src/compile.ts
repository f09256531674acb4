import { basename } from "node:path";
import { calibrationFor } from "./calibrate.js";
import { packageModel } from "./codegen/package/package.js";
import { type CompileOptions, checkOptions } from "./compile-options.js";
import { type Compiled, compiledFrom } from "./compiled.js";
import { Report } from "./diagnostics/report.js";
import type { SourceFile } from "./dsl/ast.js";
import { safeFileName } from "./files.js";
import { checkFormat } from "./formats.js";
import type { Graph } from "./ir/graph.js";
import {
  bindModel,
  elaborateSource,
  emitCode,
  optimise,
  planModel,
  type Source,
} from "./pipeline.js";

/** Compiles a model's file; the module's files are named after it. Throws CompileError. */
export const compileFile = (path: string, options: CompileOptions = {}): Promise<Compiled> =>
  compileStages(path, options, () => {});

/** `compileFile` that tells each stage when it begins. */
export async function compileStages(
  path: string,
  options: CompileOptions,
  begin: (stage: string) => void,
): Promise<Compiled> {
  const report = new Report();
  checkOptions(options, report);
  checkFormat(path, report);
  report.throwIfErrors();
  return compileSource({ kind: "file", path }, options, report, begin);
}

/** Compiles `.cnn` text, a syntax tree or a graph; the module's files are named after the model. */
export async function compile(
  source: string | SourceFile | Graph,
  options: CompileOptions = {},
): Promise<Compiled> {
  const report = new Report();
  checkOptions(options, report);
  report.throwIfErrors();
  return compileSource(sourceOf(source), options, report, () => {});
}

const sourceOf = (source: string | SourceFile | Graph): Source => {
  if (typeof source === "string") return { kind: "text", text: source };
  return "nodes" in source ? { kind: "graph", graph: source } : { kind: "tree", tree: source };
};

/** The stages in order. Each throws a CompileError at its end when it met errors. */
async function compileSource(
  source: Source,
  options: CompileOptions,
  report: Report,
  begin: (stage: string) => void,
): Promise<Compiled> {
  begin("reading");
  const elaborated = elaborateSource(source, options, report);
  const written = bindModel(source, elaborated, options, report);
  begin("optimising");
  const calibration = await calibrationFor(source, written, options, report);
  const optimised = optimise(written, options, report, calibration);
  begin("planning");
  const plan = planModel(optimised.graph, options, report, source);
  begin("generating code for");
  const code = await emitCode(plan, options);
  begin("packaging");
  const name = fileName(source, elaborated.models.length, written);
  const { form = "files" } = options;
  const files = await packageModel(plan, name, form, code);
  return compiledFrom({ name, written, optimised, plan, files, form, report });
}

/** Files are named after the source file; with several models, or without a file, after the model. */
function fileName(source: Source, models: number, graph: Graph): string {
  const isOnly = source.kind === "file" && models === 1;
  return safeFileName(isOnly ? basename(source.path).replace(/\.[a-z]+$/i, "") : graph.name);
}
