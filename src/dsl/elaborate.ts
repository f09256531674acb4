import type { Report } from "../diagnostics/report.js";
import { costOf } from "../ir/cost.js";
import type { Graph, Node } from "../ir/graph.js";
import { operandsOf } from "../ir/graph.js";
import { graphOf } from "../ir/order.js";
import type { DefinitionItem, HandedTensors, SourceFile } from "./ast.js";
import { bindParameters } from "./calls.js";
import { Expansion, ExpansionStopped, type Facts, type FileName, type Frame } from "./expansion.js";
import { folderOf, normalise } from "./file-paths.js";
import { type Files, Loader } from "./imports.js";
import { pickModel } from "./models.js";
import type { Module } from "./module.js";
import type { OperatorTable } from "./operators/definition.js";
import { operators as standardOperators } from "./operators/index.js";
import { parse } from "./parse.js";
import { PathScope } from "./paths.js";
import { Scope } from "./scope.js";
import { type SetValue, setParameters } from "./set-parameters.js";
import { runStatements } from "./statements.js";

export interface ElaborateOptions {
  /** A file's bytes; undefined when there is none. Without it nothing can be imported. */
  readonly read?: ((path: string) => Uint8Array | undefined) | undefined;
  /** Imports, weights and labels stay under this folder; the file's own without. */
  readonly root?: string | undefined;
  /** Which of a file's models. */
  readonly model?: string | undefined;
  /** Values of the model's parameters. */
  readonly set?: Readonly<Record<string, SetValue>> | undefined;
  readonly batch?: number | undefined;
  /** The operators of the language, when not the standard ones. */
  readonly operators?: OperatorTable | undefined;
}

/** A model, expanded. */
export interface Elaborated {
  /** Weights are `parameter` nodes. */
  readonly graph: Graph;
  /** The weights file that the model names. */
  readonly weights?: FileName | undefined;
  /** The weights that the model was written with, by parameter path. */
  readonly handed?: HandedTensors | undefined;
  /** The labels file that the model names; labels written in the model are the graph's. */
  readonly labels?: FileName | undefined;
  /** The names of all models of the file. */
  readonly models: readonly string[];
}

/** Reads a `.cnn` file and expands a model of it; undefined when the report has errors. */
export function elaborateFile(
  path: string,
  options: ElaborateOptions,
  report: Report,
): Elaborated | undefined {
  const file = normalise(path);
  const loader = loaderFor(file, options, report);
  return finish(loader, loader.load(file), options, report);
}

/**
 * Reads a `.cnn` file with its imports and checks all names in it, those of blocks that no model
 * uses included. Expands nothing; the names of the file's models.
 */
export function checkNames(
  path: string,
  options: Pick<ElaborateOptions, "read" | "root" | "operators">,
  report: Report,
): readonly string[] {
  const file = normalise(path);
  const module = loaderFor(file, options, report).load(file);
  return module?.models.map((model) => model.name.text) ?? [];
}

/** Expands a model of a `.cnn` text that stands at a path, real or not. */
export function elaborateText(
  text: string,
  path: string,
  options: ElaborateOptions,
  report: Report,
): Elaborated | undefined {
  const source = parse(normalise(path), text, report);
  return report.hasErrors ? undefined : elaborate(source, options, report);
}

/** Expands a model of a syntax tree. */
export function elaborate(
  source: SourceFile,
  options: ElaborateOptions,
  report: Report,
): Elaborated | undefined {
  const file = normalise(source.file);
  for (const [name, text] of source.sources ?? []) report.addSource(name, text);
  const loader = loaderFor(file, options, report);
  return finish(loader, loader.define(source, file), options, report);
}

function loaderFor(file: string, options: ElaborateOptions, report: Report): Loader {
  const { read = () => undefined, root = folderOf(file), operators = standardOperators } = options;
  const files: Files = { read, root: normalise(root) };
  return new Loader(files, operators, report);
}

function finish(
  loader: Loader,
  module: Module | undefined,
  options: ElaborateOptions,
  report: Report,
): Elaborated | undefined {
  if (!module || loader.broken) return undefined;
  const model = pickModel(module, options.model, report);
  return model && expandModel(loader, module, model, options, report);
}

/** Expands one model of a file. */
export function expandModel(
  loader: Loader,
  module: Module,
  model: DefinitionItem,
  options: ElaborateOptions,
  report: Report,
): Elaborated | undefined {
  const { operators = standardOperators, batch = 1 } = options;
  const x = new Expansion(report, operators, batch, (path, span) =>
    loader.resolve(module.path, path, span),
  );
  try {
    runModel(x, module, model, options);
    const graph = x.failed || report.hasErrors ? undefined : graphFrom(x, model);
    x.finish(graph ? factsOf(graph, batch) : "unknown");
    if (!graph || x.failed) return undefined;
    warnOfUnused(x, graph);
    return result(x, graph, module);
  } catch (error) {
    if (error instanceof ExpansionStopped) return undefined;
    throw error;
  }
}

function runModel(
  x: Expansion,
  module: Module,
  model: DefinitionItem,
  options: ElaborateOptions,
): void {
  const parameters = new Scope(module.scope);
  const outside: Frame = {
    scope: parameters,
    current: undefined,
    input: undefined,
    path: new PathScope(""),
    place: "model",
    repeating: false,
  };
  bindParameters(x, model.parameters, setParameters(x, model, options.set ?? {}), outside);
  x.top = new Scope(parameters);
  runStatements(x, model.body, { ...outside, scope: x.top });
  const name = model.name.text;
  if (x.failed) return;
  if (x.inputs.length === 0) x.fail("no-input", { model: name }, model.name.span);
  else if (x.outputs.length === 0) x.fail("no-output", { model: name }, model.name.span);
}

const graphFrom = (x: Expansion, model: DefinitionItem): Graph =>
  graphOf({
    name: model.name.text,
    inputs: x.inputs,
    outputs: x.outputs,
    grants: [],
    ...(Array.isArray(x.labels) ? { labels: x.labels } : {}),
  });

function factsOf(graph: Graph, batch: number): Facts {
  const { params, macs } = costOf(graph);
  return { params, macs: macs / batch };
}

const mostWarnings = 20;

/** Warns of the places whose results reach no output and that nothing reads. */
function warnOfUnused(x: Expansion, graph: Graph): void {
  const used = new Set<Node>(graph.nodes);
  const dead = x.nodes.filter((node) => !used.has(node));
  for (const node of dead) for (const value of operandsOf(node)) used.add(value.node);
  const places = new Set<number | undefined>();
  for (const node of dead) {
    if (used.has(node) || places.has(node.span?.start)) continue;
    if (places.add(node.span?.start).size > mostWarnings) return;
    const what = node.name === "" ? "this" : `stage '${node.name}'`;
    x.report.add("unused-result", { what }, { span: node.span });
  }
}

function result(x: Expansion, graph: Graph, module: Module): Elaborated {
  const { weights, tensors, labels } = x;
  return {
    graph: { ...graph, grants: x.grants },
    ...(tensors ? { handed: tensors } : {}),
    ...(weights ? { weights } : {}),
    ...(labels && "path" in labels ? { labels } : {}),
    models: module.models.map((model) => model.name.text),
  };
}

/** The weights that a graph owns, by path and with their shapes, in the graph's order. */
export function parametersOf(graph: Graph): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = Object.create(null);
  for (const node of graph.nodes) {
    if (node.op === "parameter") shapes[node.attrs.path] = node.attrs.shape;
  }
  return shapes;
}
