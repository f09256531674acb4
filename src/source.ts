import { dirname, resolve } from "node:path";
import type { CompileOptions } from "./compile-options.js";
import type { SourceFile } from "./dsl/ast.js";
import type { Elaborated } from "./dsl/elaborate.js";
import { projectRoot } from "./files.js";
import type { ImportedModel } from "./import-model.js";
import type { Graph } from "./ir/graph.js";

/** What a model is compiled from. */
export type Source =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tree"; readonly tree: SourceFile }
  | { readonly kind: "graph"; readonly graph: Graph };

/** The folder that a source's relative paths start from. */
export function baseOf(source: Source, { base }: CompileOptions): string {
  if (source.kind === "file") return dirname(resolve(source.path));
  if (base !== undefined || source.kind !== "tree" || source.tree.file === "") {
    return resolve(base ?? ".");
  }
  return dirname(resolve(source.tree.file));
}

/** The name of a text that has no file, in its base folder. */
export const unnamedIn = (source: Source, options: CompileOptions): string =>
  `${baseOf(source, options)}/<source>`;

/** The folder that files which the model names stay under. */
export const rootOf = (source: Source, options: CompileOptions): string =>
  options.root === undefined ? projectRoot(baseOf(source, options)) : resolve(options.root);

/** A model as a graph of parameters; one of another format brings its tensors. */
export type ReadModel = Elaborated & Partial<Pick<ImportedModel, "tensors" | "hasOwnWeights">>;
