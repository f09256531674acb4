import { basename } from "node:path";
import type { Command } from "../command.js";
import { compileFlags } from "../flags.js";
import { exit, UsageError } from "../io.js";
import { compileModel } from "../model.js";
import { printBytes, printCount } from "../numbers.js";
import { shortPath } from "../printer.js";
import { readOptions } from "../read-options.js";

/** Compiles a model and writes its files. */
export const build: Command = {
  name: "build",
  usage: "MODEL -o DIR",
  summary: "compile a model to a module",
  least: 1,
  most: 1,
  flags: ["out", "form", ...compileFlags, "json"],
  async run(invocation) {
    const { flags, printer } = invocation;
    const folder = flags.text("out");
    if (folder === undefined)
      throw new UsageError("build needs a folder to write to", "add -o DIR");
    const compiled = await compileModel(invocation, readOptions(flags));
    const paths = await compiled.write(folder);
    const { report, files } = compiled;
    if (flags.has("json")) {
      printer.json({ files: paths, report });
      return exit.fine;
    }
    for (const path of paths) {
      const bytes = files.get(basename(path))?.length ?? 0;
      printer.line(`${shortPath(path)}  ${printBytes(bytes)}`);
    }
    const { macs, params, codeBytes, weightBytes, arenaBytes } = report;
    printer.line(
      `${printCount(params)} parameters, ${printCount(macs)} multiply-accumulates a run`,
    );
    const sizes = [codeBytes, weightBytes, arenaBytes].map(printBytes);
    printer.line(`${sizes[0]} of code, ${sizes[1]} of weights, ${sizes[2]} of working memory`);
    return exit.fine;
  },
};
