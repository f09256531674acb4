import { dirname, resolve } from "node:path";
import type { CompileOptions } from "./compile-options.js";
import { InternalError, type Report } from "./diagnostics/report.js";
import type { Elaborated } from "./dsl/elaborate.js";
import { isUnder, resolvePath } from "./dsl/file-paths.js";
import { FileReader } from "./files.js";
import type { Format } from "./formats.js";
import type { TensorStore } from "./weights/store.js";

/** A model of another format: its network, and the tensors of its parameters. */
export interface ImportedModel extends Elaborated {
  readonly tensors: TensorStore;
}

/** Options that only the language has a meaning for. */
const textOptions = ["model", "set"] as const;

/** Reads a model of another format. Throws when it has errors. */
export function importModel(
  path: string,
  { name: format, read }: Format,
  options: CompileOptions,
  report: Report,
): ImportedModel {
  for (const option of textOptions) {
    if (options[option] !== undefined) report.add("option-needs-text", { option, format });
  }
  const bytes = new FileReader(report).read(path);
  if (!bytes && !report.hasErrors) report.add("file-not-found", { path });
  report.throwIfErrors();
  const { shapes = {}, constants = {}, batch } = options;
  const beside = besideReader(path, report);
  const context = { path, read: beside, shapes, constants, batch };
  const imported = bytes && read?.(bytes, context, report);
  report.throwIfErrors();
  if (!imported) throw new InternalError("the model was not read and nothing says why");
  return { ...imported, models: [imported.graph.name] };
}

/** Reads files of a model's folder; what a path leads out of it is reported. */
function besideReader(path: string, report: Report): (relative: string) => Uint8Array | undefined {
  const folder = dirname(resolve(path));
  const files = new FileReader(report, folder);
  return (relative) => {
    const inside = resolvePath(folder, relative);
    if (isUnder(folder, inside)) return files.read(inside);
    report.add("file-outside-root", { path: relative, root: folder });
    return undefined;
  };
}
