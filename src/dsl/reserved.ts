import type { Span } from "../diagnostics/diagnostic.js";
import { nearest } from "../diagnostics/nearest.js";
import type { Identifier } from "./ast.js";
import type { Expansion } from "./expansion.js";
import { merges } from "./merges.js";
import { numberFunctions } from "./numbers.js";
import type { OperatorTable } from "./operators/definition.js";
import type { Binding, Scope } from "./scope.js";
import type { Datum } from "./values.js";

/** What is known only of a complete model; these names stand in asserts. */
export const factNames: ReadonlySet<string> = new Set(["params", "macs", "shape"]);

/** Names of strings, for settings and arguments: `pad=half`. */
export const optionWords: ReadonlySet<string> = new Set([
  "half",
  "same",
  "nearest",
  "bilinear",
  "zero",
  "constant",
  "reflect",
  "edge",
  "rgb",
  "bgr",
  "stretch",
  "cover",
  "contain",
  "off",
  "int8",
]);

/** What a name of the language itself is; undefined for all others. */
function reservedAs(name: string, operators: OperatorTable): string | undefined {
  if (operators.has(name) || merges.has(name)) return "an operator";
  if (numberFunctions.has(name)) return "a number function";
  if (factNames.has(name)) return "a fact";
  return optionWords.has(name) ? "an option word" : undefined;
}

/** Why a name cannot be given in a scope, reported; false when it can. */
function refuseName(
  x: Pick<Expansion, "operators" | "fail">,
  scope: Scope,
  { text: name, span }: Identifier,
  hint?: string,
): boolean {
  const reserved = reservedAs(name, x.operators);
  if (reserved) {
    x.fail("name-reserved", { name, what: reserved }, span, [], hint);
    return true;
  }
  const first = scope.own(name);
  const visible = scope.find(name);
  const notes = (at: Span) => [{ message: "the first one is here", span: at }];
  if (first) x.fail("name-taken", { name }, span, notes(first.span));
  else if (visible?.kind === "block") {
    x.fail("name-reserved", { name, what: "a block" }, span, notes(visible.span), hint);
  }
  return first !== undefined || visible?.kind === "block";
}

/**
 * Names something in a scope. A name that is taken keeps its first meaning; one of the language's own
 * means nothing from there on, as nobody can tell which of the two a use is about.
 */
export function bind(
  x: Pick<Expansion, "operators" | "fail">,
  scope: Scope,
  name: Identifier,
  binding: Binding,
  hint?: string,
): void {
  if (!refuseName(x, scope, name, hint)) scope.bind(name.text, binding);
  else if (isKnown(x, name.text)) {
    scope.bind(name.text, { kind: "refused", span: name.span });
  }
}

/** Names a value. */
export const declare = (
  x: Pick<Expansion, "operators" | "fail">,
  scope: Scope,
  name: Identifier,
  value: Datum,
  hint?: string,
): void => bind(x, scope, name, { kind: "value", span: name.span, value }, hint);

/** Whether a name is the language's own. */
export const isKnown = (x: Pick<Expansion, "operators">, name: string): boolean =>
  reservedAs(name, x.operators) !== undefined;

/** Reports a name that nothing has; `staged` where only a stage can stand. */
export function reportUnknown(
  x: Pick<Expansion, "operators" | "fail">,
  { text: name, span }: Identifier,
  scope: Scope,
  staged: boolean,
): Datum {
  const known = [...scope.names(), ...x.operators.keys(), ...merges.keys()];
  const functions = staged ? [] : [...numberFunctions.keys(), ...optionWords];
  return x.fail("unknown-name", { name, nearest: nearest(name, [...known, ...functions]) }, span);
}
