import { dirname, resolve } from "node:path";
import type { CompileOptions } from "./compile-options.js";
import { InternalError, type Report } from "./diagnostics/report.js";
import type { Elaborated } from "./dsl/elaborate.js";
import { isUnder, resolvePath } from "./dsl/file-paths.js";
import { FileReader } from "./files.js";
import type { Format } from "./formats.js";
import type { ImportContext } from "./import/imported.js";
import type { TensorStore } from "./weights/store.js";

/** A model of another format: its network, and the tensors of its parameters. */
export interface ImportedModel extends Elaborated {
  readonly tensors: TensorStore;
  /** Whether the file of weights that the options name was read, being of the model's own format. */
  readonly hasOwnWeights: boolean;
}

/** Options that only the language has a meaning for. */
const textOptions = ["model", "set"] as const;

/** Reads a model of another format. Throws when it has errors. */
export function importModel(
  path: string,
  { name: format, read, weights: ending }: Format,
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
  const weights = weightsFor(ending, options, report);
  report.throwIfErrors();
  const { decode } = options;
  const context = { path, read: beside, shapes, constants, batch, decode, weights };
  const imported = bytes && read(bytes, context, report);
  report.throwIfErrors();
  if (!imported) throw new InternalError("the model was not read and nothing says why");
  const hasOwnWeights = weights !== undefined && weights !== "unwanted";
  return { ...imported, models: [imported.graph.name], hasOwnWeights };
}

/** The file of weights that options name, where it is of the model's own format. */
function weightsFor(
  ending: RegExp | undefined,
  { init, weights }: CompileOptions,
  report: Report,
): ImportContext["weights"] {
  if (typeof weights === "string" && ending?.test(weights)) {
    const bytes = new FileReader(report).read(resolve(weights));
    if (!bytes && !report.hasErrors) report.add("file-not-found", { path: weights });
    return bytes && { file: weights, bytes };
  }
  return init === undefined && weights === undefined ? undefined : "unwanted";
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
