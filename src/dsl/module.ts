import type { ConstStatement, DefinitionItem, SourceFile } from "./ast.js";
import { checkDefinition } from "./check.js";
import { type Expansion, ExpansionStopped, type Frame } from "./expansion.js";
import { evaluate } from "./expressions.js";
import { PathScope } from "./paths.js";
import { bind } from "./reserved.js";
import type { Binding, Scope } from "./scope.js";
import { describe, holdsTensor, unknown } from "./values.js";

/** A file's own definitions. */
export interface Module {
  readonly path: string;
  readonly scope: Scope;
  /** Blocks and consts that the file itself defines: what an import of it brings. */
  readonly exported: ReadonlyMap<string, Binding>;
  readonly models: readonly DefinitionItem[];
}

/** Names a file's blocks and models, which may be used before they are written. */
function nameDefinitions(x: Expansion, source: SourceFile, scope: Scope): Map<string, Binding> {
  const exported = new Map<string, Binding>();
  for (const item of source.items) {
    if (item.kind !== "block" && item.kind !== "model") continue;
    const { span } = item.name;
    const block = { kind: "block", definition: item, home: scope } as const;
    const binding: Binding =
      item.kind === "block" ? { kind: "block", span, block } : { kind: "model", span };
    bind(x, scope, item.name, binding);
    if (binding.kind === "block") exported.set(item.name.text, binding);
  }
  return exported;
}

function constBinding(x: Expansion, { name, value }: ConstStatement, frame: Frame): Binding {
  const datum = evaluate(x, value, frame);
  if (!holdsTensor(datum)) return { kind: "value", span: name.span, value: datum };
  const details = { where: "a const", wanted: "known at compile time", actual: describe(datum) };
  return { kind: "value", span: name.span, value: x.fail("wrong-value", details, value.span) };
}

function evaluateConsts(
  x: Expansion,
  source: SourceFile,
  scope: Scope,
  exported: Map<string, Binding>,
  broken: boolean,
): void {
  const frame: Frame = {
    scope,
    current: undefined,
    input: undefined,
    path: new PathScope(""),
    place: "file",
    fixed: "a const outside of a model",
    repeating: false,
  };
  for (const item of source.items) {
    if (item.kind !== "const") continue;
    const binding: Binding = broken
      ? { kind: "value", span: item.name.span, value: unknown }
      : constBinding(x, item, frame);
    bind(x, scope, item.name, binding);
    exported.set(item.name.text, binding);
  }
}

/**
 * The definitions of a file, into a scope that has its imports already. When something the file
 * needs is `broken`, only names are bound, and nothing is judged by them.
 */
export function buildModule(
  x: Expansion,
  source: SourceFile,
  path: string,
  scope: Scope,
  broken: boolean,
): Module {
  const exported = nameDefinitions(x, source, scope);
  const models = source.items.flatMap((item) => (item.kind === "model" ? [item] : []));
  try {
    evaluateConsts(x, source, scope, exported, broken);
    for (const item of broken ? [] : source.items) {
      if (item.kind === "block" || item.kind === "model") checkDefinition(x, item, scope);
    }
  } catch (error) {
    if (!(error instanceof ExpansionStopped)) throw error;
  }
  return { path, scope, exported, models };
}
