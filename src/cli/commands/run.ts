import { safeFileName, writeAll } from "../../files.js";
import { instantiate } from "../../instantiate.js";
import type { LoadedModel } from "../../runtime/model.js";
import { writeNpy } from "../../weights/npy.js";
import type { Command, Invocation } from "../command.js";
import { compileFlags } from "../flags.js";
import { exit, UsageError } from "../io.js";
import { compileToRun } from "../model.js";
import { readInputs } from "../read-inputs.js";
import { readOptions } from "../read-options.js";
import { type OutputSummary, printSummary, summarise } from "../summarise.js";

/** Compiles a model in memory and runs it once. */
export const run: Command = {
  name: "run",
  usage: "MODEL --input [NAME=]FILE…",
  summary: "run a model on files and show its outputs",
  least: 1,
  most: Number.POSITIVE_INFINITY,
  flags: ["input", "output", "top", "threads", ...compileFlags, "json"],
  async run(invocation) {
    const { flags, printer } = invocation;
    const top = flags.whole("top", 1) ?? 5;
    const threads = flags.whole("threads", 1);
    const options = readOptions(flags);
    const given = inputArguments(invocation);
    const compiled = await compileToRun(invocation, options);
    const feeds = await readInputs(compiled.graph, given);
    const model = await instantiate(compiled, { threads });
    printer.threads(model);
    const results = model.run(feeds);
    const folder = flags.text("output");
    const paths = folder === undefined ? [] : await writeOutputs(model, results, folder);
    const summaries = summarise(model, results, top);
    if (flags.has("json")) printer.json({ outputs: jsonOf(summaries) });
    else {
      for (const summary of summaries) for (const line of printSummary(summary)) printer.line(line);
      for (const path of paths) printer.line(path);
    }
    return exit.fine;
  },
};

/** The values of `--input`, and what stands behind the last of them. */
function inputArguments({ positionals, flags }: Invocation): readonly string[] {
  const [, ...more] = positionals;
  const stray = more.find(({ after }) => after !== "input");
  if (stray)
    throw new UsageError(`'${stray.text}' is one argument too many`, "put --input in front");
  return [...(flags.texts("input") ?? []), ...more.map(({ text }) => text)];
}

type Results = ReturnType<LoadedModel["run"]>;

/** Writes each output as a file of its own, named after it. */
function writeOutputs(model: LoadedModel, results: Results, folder: string): Promise<string[]> {
  const files = new Map<string, Uint8Array>();
  const taken = new Set<string>();
  for (const name of model.outputNames) {
    const { shape, dtype } = model.outputs[name]!;
    let file = safeFileName(name);
    for (let i = 2; taken.has(file.toLowerCase()); i++) file = `${safeFileName(name)}-${i}`;
    taken.add(file.toLowerCase());
    files.set(`${file}.npy`, writeNpy({ dtype, shape, data: results[name]! }));
  }
  return writeAll(folder, files);
}

/** By name, as an object whose keys are the outputs' names whatever they are. */
const jsonOf = (summaries: readonly OutputSummary[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(summaries.map(({ name, shape, top }) => [name, { shape, top }]));
