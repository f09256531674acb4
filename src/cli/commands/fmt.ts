import { basename, dirname } from "node:path";
import { Report } from "../../diagnostics/report.js";
import { format } from "../../dsl/format.js";
import { writeAll } from "../../files.js";
import { checkText } from "../../formats.js";
import { readSource } from "../../pipeline.js";
import type { Command } from "../command.js";
import { exit } from "../io.js";

/** Writes files in their canonical form. Files with syntax errors are left as they are. */
export const fmt: Command = {
  name: "fmt",
  usage: "FILE…",
  summary: "write files in their canonical form",
  least: 1,
  most: Number.POSITIVE_INFINITY,
  flags: ["check"],
  async run({ flags, positionals, printer }) {
    let wrong = 0;
    for (const { text: file } of positionals) {
      const report = new Report();
      const changed = formatted(file, report);
      printer.diagnostics(report.diagnostics);
      if (report.hasErrors) wrong++;
      else if (changed !== undefined && flags.has("check")) {
        printer.line(`${file} is not formatted`);
        wrong++;
      } else if (changed !== undefined) {
        await write(file, changed);
        printer.line(`${file} formatted`);
      }
    }
    return wrong > 0 ? exit.wrongInput : exit.fine;
  },
};

/** The canonical text of a file when it has another one. */
function formatted(file: string, report: Report): string | undefined {
  checkText(file, report);
  const tree = report.hasErrors ? undefined : readSource(file, {}, report);
  const text = tree && report.sourceOf(tree.file);
  if (!tree || text === undefined || report.hasErrors) return undefined;
  const canonical = format(tree, text);
  return canonical === text ? undefined : canonical;
}

async function write(file: string, text: string): Promise<void> {
  await writeAll(dirname(file), new Map([[basename(file), new TextEncoder().encode(text)]]));
}
