import { basename } from "node:path";
import type { CompileOptions } from "../../compile-options.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { CompileError, Report } from "../../diagnostics/report.js";
import { checkFormat, formatOf } from "../../formats.js";
import { costOf } from "../../ir/cost.js";
import { elaborateSource, readSource } from "../../pipeline.js";
import type { Command, Invocation } from "../command.js";
import type { FlagName } from "../flags.js";
import { exit } from "../io.js";
import { printCount } from "../numbers.js";
import { readOptions } from "../read-options.js";

/** What was found in one file. */
interface Checked {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  /** One line about each model that is fine. */
  readonly models: readonly string[];
}

const checkFlags: readonly FlagName[] = ["model", "set", "batch", "root", "json"];

/** Checks files: syntax, names, shapes, asserts. Weights and labels need not be there. */
export const check: Command = {
  name: "check",
  usage: "FILE…",
  summary: "tell what is wrong with models, without compiling them",
  least: 1,
  most: Number.POSITIVE_INFINITY,
  flags: checkFlags,
  async run({ flags, positionals, printer }: Invocation) {
    const options = readOptions(flags);
    const checked = positionals.map(({ text }) => checkFile(text, options));
    const diagnostics = checked.flatMap((file) => file.diagnostics);
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    if (flags.has("json")) printer.json({ errors, diagnostics });
    else {
      for (const file of checked) {
        printer.diagnostics(file.diagnostics);
        for (const line of file.models) printer.line(line);
      }
    }
    return errors > 0 ? exit.wrongInput : exit.fine;
  },
};

/** Checks the model that was picked, or all models of a file; a file of blocks only is read. */
function checkFile(file: string, options: CompileOptions): Checked {
  const report = new Report();
  checkFormat(file, report);
  if (formatOf(file)?.read) {
    const { found, line } = checkModel(file, options);
    return { file, diagnostics: found, models: line === undefined ? [] : [line] };
  }
  const tree = report.hasErrors ? undefined : readSource(file, options, report);
  if (!tree || report.hasErrors) return { file, diagnostics: report.diagnostics, models: [] };
  const written = tree.items.flatMap((item) => (item.kind === "model" ? item.name.text : []));
  if (written.length === 0)
    return { file, diagnostics: [], models: [`${basename(file)}: ok, no model`] };
  const diagnostics: Diagnostic[] = [];
  const models: string[] = [];
  for (const model of options.model === undefined ? written : [options.model]) {
    const { found, line } = checkModel(file, { ...options, model });
    diagnostics.push(
      ...found.filter((one) => !diagnostics.some((other) => sameMessage(one, other))),
    );
    if (line !== undefined) models.push(line);
  }
  return { file, diagnostics, models };
}

function checkModel(path: string, options: CompileOptions) {
  const report = new Report();
  try {
    const { graph } = elaborateSource({ kind: "file", path }, options, report);
    const { params, macs } = costOf(graph);
    const costs = `${printCount(params)} parameters, ${printCount(macs)} multiply-accumulates`;
    return { found: report.diagnostics, line: `${basename(path)}: ${graph.name} ok, ${costs}` };
  } catch (error) {
    if (error instanceof CompileError) return { found: error.diagnostics, line: undefined };
    throw error;
  }
}

const sameMessage = (one: Diagnostic, other: Diagnostic): boolean =>
  one.code === other.code &&
  one.message === other.message &&
  one.span?.file === other.span?.file &&
  one.span?.start === other.span?.start;
