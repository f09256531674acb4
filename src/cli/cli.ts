import { createRequire } from "node:module";
import { nearest } from "../diagnostics/nearest.js";
import { CompileError } from "../diagnostics/report.js";
import type { Command } from "./command.js";
import { bench } from "./commands/bench.js";
import { build } from "./commands/build.js";
import { check } from "./commands/check.js";
import { exportModel } from "./commands/export.js";
import { fmt } from "./commands/fmt.js";
import { importModel } from "./commands/import.js";
import { inspect } from "./commands/inspect.js";
import { rewrite } from "./commands/rewrite.js";
import { run } from "./commands/run.js";
import { tune } from "./commands/tune.js";
import { unavailable } from "./commands/unavailable.js";
import { commandHelp, programHelp } from "./help.js";
import { exit, type Io, UsageError } from "./io.js";
import { parseArguments } from "./parse-arguments.js";
import { Printer } from "./printer.js";
import { FlagReader } from "./read-options.js";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  check,
  build,
  run,
  bench,
  tune,
  rewrite,
  inspect,
  fmt,
  importModel,
  exportModel,
  ...unavailable,
];

/** Runs a command line (without the program's name) and gives its exit code; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const printer = new Printer(io);
  try {
    return await dispatch(argv, io, printer);
  } catch (error) {
    return explain(error, argv, printer);
  }
}

async function dispatch(argv: readonly string[], io: Io, printer: Printer): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-v") {
    printer.line(version());
    return exit.fine;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    if (name === undefined) throw new UsageError("no command was given", programHelp(commands));
    printer.line(programHelp(commands));
    return exit.fine;
  }
  const command = findCommand(name);
  const { values, positionals } = parseArguments(rest, [...command.flags, "help"]);
  const flags = new FlagReader(values);
  if (flags.has("help")) {
    printer.line(commandHelp(command));
    return exit.fine;
  }
  checkCount(command, positionals);
  return command.run({ flags, positionals, io, printer });
}

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  const hint = meant === undefined ? "cnnc --help lists the commands" : `did you mean ${meant}?`;
  throw new UsageError(`there is no command '${name}'`, hint);
}

function checkCount(
  { name, usage, least, most }: Command,
  positionals: readonly { readonly text: string }[],
): void {
  if (positionals.length < least)
    throw new UsageError(`${name} needs a file`, `cnnc ${name} ${usage}`);
  const extra = positionals[most];
  if (extra)
    throw new UsageError(`'${extra.text}' is one argument too many`, `cnnc ${name} ${usage}`);
}

function explain(error: unknown, argv: readonly string[], printer: Printer): number {
  if (error instanceof UsageError) {
    printer.note(`cnnc: ${error.message}${error.hint === undefined ? "" : `\n  ${error.hint}`}`);
    return exit.usage;
  }
  if (error instanceof CompileError) {
    printer.diagnostics(error.diagnostics);
    return exit.wrongInput;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printer.note(`cnnc: this is a bug in the compiler, not in your model.\n${details}`);
  printer.note(`Please report it with the model and this command: cnnc ${argv.join(" ")}`);
  return exit.bug;
}

function version(): string {
  const manifest: { readonly version: string } = createRequire(import.meta.url)(
    "../../package.json",
  );
  return manifest.version;
}
