import type { Span } from "../diagnostics/diagnostic.js";
import { nearest } from "../diagnostics/nearest.js";
import type { Argument, CallExpression, Expression } from "./ast.js";
import { enumerate } from "./enumerate.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate } from "./expressions.js";
import type { Parameter } from "./operators/definition.js";
import type { Kind } from "./operators/kinds.js";
import { writtenPath } from "./stage-names.js";
import { type Datum, describe, isUnknown, listOf, string } from "./values.js";

/** What a call may be given. */
export interface Signature {
  readonly callee: string;
  readonly parameters: readonly SignatureParameter[];
}

interface SignatureParameter {
  readonly name: string;
  readonly required: boolean;
  /** Takes all arguments without a name from here on. */
  readonly rest?: boolean | undefined;
  /** How its default is written. */
  readonly fallback?: string | undefined;
}

/** `conv(out, kernel, stride=1)`. */
function usageOf({ callee, parameters }: Signature): string {
  const shown = parameters.map(({ name, rest, fallback }) =>
    rest ? `${name}…` : fallback === undefined ? name : `${name}=${fallback}`,
  );
  return `${callee}(${shown.join(", ")})`;
}

interface Bound {
  /** In the order written. */
  readonly pairs: readonly (readonly [SignatureParameter, Argument])[];
  readonly ok: boolean;
}

function positional(signature: Signature, index: number): SignatureParameter | undefined {
  const before = signature.parameters.slice(0, index + 1);
  return before.find((parameter) => parameter.rest) ?? signature.parameters[index];
}

function named(x: Expansion, signature: Signature, argument: Argument) {
  const { name } = argument;
  const found = signature.parameters.find((parameter) => parameter.name === name?.text);
  if (!found && name) {
    const known = signature.parameters.map((parameter) => parameter.name);
    x.fail(
      "unknown-parameter",
      {
        callee: signature.callee,
        name: name.text,
        known: enumerate(known),
        nearest: nearest(name.text, known),
      },
      name.span,
    );
  }
  return found;
}

/** Which argument is for which parameter; every mismatch is reported. */
export function bindArguments(
  x: Expansion,
  signature: Signature,
  args: readonly Argument[],
  span: Span,
): Bound {
  const { callee } = signature;
  const pairs: [SignatureParameter, Argument][] = [];
  const given = new Set<string>();
  let ok = true;
  let anyNamed = false;
  args.forEach((argument, index) => {
    const found = argument.name ? named(x, signature, argument) : positional(signature, index);
    if (argument.name) anyNamed = true;
    else if (anyNamed) x.fail("positional-after-named", { callee }, argument.span);
    else if (!found && index === signature.parameters.length) {
      const most = signature.parameters.length;
      const details = { callee, most, actual: args.length, usage: usageOf(signature) };
      x.fail("too-many-arguments", details, argument.span);
    }
    if (found && given.has(found.name) && !(found.rest && !argument.name)) {
      x.fail("argument-repeated", { callee, parameter: found.name }, argument.span);
      ok = false;
    } else if (found && (argument.name || !anyNamed)) {
      given.add(found.name);
      pairs.push([found, argument]);
    } else ok = false;
  });
  const missing = signature.parameters.find(({ name, required }) => required && !given.has(name));
  if (missing && ok) {
    const details = { callee, parameter: missing.name, usage: usageOf(signature) };
    x.fail("missing-argument", details, span);
    ok = false;
  }
  return { pairs, ok };
}

const bareName = (expression: Expression): string | undefined =>
  expression.kind === "call" && !expression.arguments && !expression.label
    ? expression.callee.text
    : undefined;

/** Whether a bare name that names no value is meant as one of the kind's words, rightly or wrongly. */
function isWord(x: Expansion, kind: Kind<unknown>, name: string): boolean {
  if (kind.bare) return true;
  const { words } = kind;
  if (!words) return false;
  return words.includes(name) || x.operators.has(name) || nearest(name, words) !== undefined;
}

/** The value of an argument; bare names may be words of the parameter, or paths. */
export function argumentDatum(
  x: Expansion,
  kind: Kind<unknown>,
  value: Expression,
  frame: Frame,
): Datum {
  const bare = bareName(value);
  if (bare !== undefined && !frame.scope.find(bare) && isWord(x, kind, bare)) return string(bare);
  const path = kind.path ? writtenPath(value) : undefined;
  if (path !== undefined) return string(path);
  return evaluate(x, value, frame);
}

/** What a parameter's kind reads in a datum; a mismatch is reported. */
export function readAs<T>(
  x: Expansion,
  kind: Kind<T>,
  datum: Datum,
  about: { parameter: string; callee: string; span: Span },
): { readonly value: T } | undefined {
  if (isUnknown(datum)) return undefined;
  const value = kind.read(datum);
  if (value !== undefined) return { value };
  const { parameter, callee, span } = about;
  const meant =
    datum.kind === "string" && kind.words ? nearest(datum.value, kind.words) : undefined;
  const details = {
    parameter,
    callee,
    wanted: kind.phrase,
    actual: describe(datum),
    nearest: meant,
  };
  x.fail("wrong-argument", details, span);
  return undefined;
}

/** The signature of a table of parameters. */
export const signatureOf = (
  callee: string,
  parameters: ReadonlyMap<string, Parameter<unknown>>,
): Signature => ({
  callee,
  parameters: [...parameters].map(([name, parameter]) => ({
    name,
    required: parameter.fallback === undefined,
    rest: parameter.rest,
    fallback: parameter.fallback?.text,
  })),
});

/** The values of an operator's parameters in a call, defaults filled in; undefined after an error. */
export function readArguments(
  x: Expansion,
  parameters: ReadonlyMap<string, Parameter<unknown>>,
  call: CallExpression,
  frame: Frame,
): ReadonlyMap<string, unknown> | undefined {
  const callee = call.callee.text;
  const bound = bindArguments(x, signatureOf(callee, parameters), call.arguments ?? [], call.span);
  const values = new Map<string, unknown>();
  const rests = new Map<string, { items: Datum[]; span: Span }>();
  let ok = bound.ok;
  for (const [{ name }, argument] of bound.pairs) {
    const parameter = parameters.get(name);
    if (!parameter) continue;
    const datum = argumentDatum(x, parameter.kind, argument.value, frame);
    if (parameter.rest && !argument.name) {
      const gathered = rests.get(name) ?? { items: [], span: argument.span };
      gathered.items.push(datum);
      rests.set(name, gathered);
      continue;
    }
    const about = { parameter: name, callee, span: argument.value.span };
    const read = readAs(x, parameter.kind, datum, about);
    if (read) values.set(name, read.value);
    else ok = false;
  }
  for (const [name, { items, span }] of rests) {
    const kind = parameters.get(name)?.kind;
    const read = kind && readAs(x, kind, listOf(items), { parameter: name, callee, span });
    if (read) values.set(name, read.value);
    else ok = false;
  }
  for (const [name, { fallback }] of parameters) {
    if (fallback && !values.has(name)) values.set(name, fallback.value);
  }
  return ok ? values : undefined;
}
