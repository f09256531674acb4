import { dirname, resolve } from "node:path";
import type { CompileOptions } from "../../compile-options.js";
import { CompileError, Report } from "../../diagnostics/report.js";
import { type Edit, formatAsBefore, rewriteSource } from "../../dsl/edits/rewrite-source.js";
import { parse } from "../../dsl/parse.js";
import { checkText } from "../../formats.js";
import { costOf } from "../../ir/cost.js";
import type { Graph } from "../../ir/graph.js";
import { elaborateSource, readSource } from "../../pipeline.js";
import { outputCnn, writeCnnFiles } from "../cnn-file.js";
import type { Command, Invocation } from "../command.js";
import { type FlagName, modelFlags } from "../flags.js";
import { wantedHandOver, writeHandOver } from "../hand-over.js";
import { exit, UsageError } from "../io.js";
import { printChange } from "../numbers.js";
import { readOptions } from "../read-options.js";
import { layerCosts } from "../receptive-field.js";
import { printTable } from "../table.js";

/** Takes large kernels apart in a model's source, or writes a trained model with the rewrites that it is granted. */
export const rewrite: Command = {
  name: "rewrite",
  usage: "MODEL.cnn --separate PATH --stack PATH | --granted | --exact -o FILE.cnn",
  summary: "take large kernels apart in the source, or hand over what grants rewrite",
  least: 1,
  most: 1,
  flags: [
    "separate",
    "stack",
    "spatial",
    "granted",
    "exact",
    "out",
    "target",
    ...modelFlags,
    "tolerance",
    "calibrate",
    "search",
  ],
  async run(invocation) {
    const { flags, positionals, printer } = invocation;
    const file = outputCnn(invocation, "rewrite");
    const make = wantedHandOver(invocation);
    if (make) return writeHandOver(invocation, file, make);
    refuseTrained(flags);
    const edits = editsOf(flags);
    const path = positionals[0]!.text;
    const { text, layers, before, after, report } = rewritten(path, edits, readOptions(flags));
    printer.diagnostics(report.diagnostics);
    await writeCnnFiles(file, { source: text });
    for (const line of printCosts(layers, before, after)) printer.line(line);
    printer.line(`${file} written; it computes another function and is to be trained`);
    return exit.fine;
  },
};

/** Refuses flags that only a trained network has a meaning for. */
function refuseTrained(flags: Invocation["flags"]): void {
  const own = new Set<FlagName>(["model", "set", "root", "batch"]);
  const trained: readonly FlagName[] = [
    "target",
    ...modelFlags,
    "tolerance",
    "calibrate",
    "search",
  ];
  const given = trained.find((name) => !own.has(name) && flags.has(name));
  if (given) throw new UsageError(`--${given} needs --granted or --exact`);
}

/** The layers to rewrite, as the flags name them. */
function editsOf(flags: Invocation["flags"]): readonly Edit[] {
  const apart = flags.has("spatial") ? "spatial" : "depthwise";
  const edits: Edit[] = [
    ...(flags.texts("separate") ?? []).map((path) => ({ path, form: apart }) as const),
    ...(flags.texts("stack") ?? []).map((path) => ({ path, form: "stacked" }) as const),
  ];
  if (edits.length > 0) return edits;
  throw new UsageError("rewrite needs a layer", "add --separate PATH or --stack PATH");
}

/** The new text, with the model before and after. Throws CompileError. */
function rewritten(path: string, edits: readonly Edit[], options: CompileOptions) {
  const report = new Report();
  checkText(path, report);
  report.throwIfErrors();
  const tree = readSource(path, options, report);
  report.throwIfErrors();
  const text = tree && report.sourceOf(tree.file);
  const { graph: before, weights } = elaborateSource({ kind: "file", path }, options, report);
  if (weights) report.add("rewrite-weights", { file: weights.path }, { span: weights.span });
  report.throwIfErrors();
  const result = tree && text !== undefined && rewriteSource(tree, text, before, edits, report);
  report.throwIfErrors();
  if (!tree || text === undefined || !result) throw new UsageError(`${path} cannot be read`);
  const edited = readEdited(resolve(path), result.text, options, report);
  const canonical = formatAsBefore({ tree, text }, { tree: edited.tree, text: result.text });
  return { text: canonical, layers: result.layers, before, after: edited.graph, report };
}

/** The edited text as a model. Reports the first thing that no longer holds, most often an assert. */
function readEdited(file: string, text: string, options: CompileOptions, report: Report) {
  const inside = new Report();
  try {
    const tree = parse(file, text, inside);
    inside.throwIfErrors();
    const base = { ...options, base: dirname(file) };
    return { tree, graph: elaborateSource({ kind: "tree", tree }, base, inside).graph };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    report.add("rewrite-breaks", { problem: error.diagnostics[0]?.message ?? "it has errors" });
    throw new CompileError(report.diagnostics);
  }
}

const columns = [
  { title: "layer" },
  { title: "receptive field", right: true },
  { title: "parameters", right: true },
  { title: "MACs", right: true },
];

/** What the layers, and the whole model, took before and take now. */
function printCosts(layers: readonly string[], before: Graph, after: Graph): string[] {
  const rows = layers.map((path) => {
    const [old, now] = [layerCosts(before, path), layerCosts(after, path)];
    const field = `${old.field.join("x")} > ${now.field.join("x")}`;
    return [path, field, printChange(old.params, now.params), printChange(old.macs, now.macs)];
  });
  const [old, now] = [costOf(before), costOf(after)];
  const all = [
    "whole model",
    "",
    printChange(old.params, now.params),
    printChange(old.macs, now.macs),
  ];
  return printTable(columns, [...rows, undefined, all]);
}
