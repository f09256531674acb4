import { nearest } from "../diagnostics/nearest.js";
import type { Grant } from "../ir/graph.js";
import { readArguments } from "./arguments.js";
import type { CallExpression, Expression, OptimizeStatement } from "./ast.js";
import { enumerate } from "./enumerate.js";
import type { Expansion, Frame } from "./expansion.js";
import { findStage } from "./facts.js";
import { type Parameter, required } from "./operators/definition.js";
import { notNegative, word } from "./operators/kinds.js";
import { within } from "./stage-names.js";

type Line = Readonly<
  Partial<Record<"path" | "within" | "value" | "directory", Parameter<unknown>>>
>;

const path: Parameter<unknown> = required<string>({
  phrase: "a path: a string, or label names joined by dots",
  path: true,
  read: (datum) => (datum.kind === "string" ? datum.value : undefined),
});
const error = required(notNegative);
const directory = required<string>({
  phrase: "a string",
  read: (datum) => (datum.kind === "string" ? datum.value : undefined),
});

/** The lines of `optimize`, with their parameters. */
const lines: ReadonlyMap<Grant["kind"], Line> = new Map<Grant["kind"], Line>([
  ["separate", { path, within: error }],
  ["stack", { path, within: error }],
  ["prune", { within: error }],
  ["calibrate", { directory }],
  ["verify", { within: error }],
  ["winograd", { value: required(word("off")) }],
  ["precision", { value: required(word("int8")) }],
]);

const kindOf = (name: string): Grant["kind"] | undefined =>
  [...lines.keys()].find((kind) => kind === name);

function unknownLine(x: Expansion, line: Expression): undefined {
  const known = [...lines.keys()];
  const name = line.kind === "call" ? line.callee.text : "";
  const details = { name, known: enumerate(known), nearest: nearest(name, known) };
  if (line.kind === "call") x.fail("unknown-grant", details, line.callee.span);
  else {
    const wanted = `one of ${enumerate(known)}`;
    x.fail("wrong-value", { where: "a line of optimize", wanted, actual: "this" }, line.span);
  }
  return undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

function grantOf(x: Expansion, call: CallExpression, frame: Frame): Grant | undefined {
  const kind = kindOf(call.callee.text);
  if (!kind) return unknownLine(x, call);
  const values = readArguments(x, new Map(Object.entries(lines.get(kind) ?? {})), call, frame);
  if (!values) return undefined;
  const { prefix } = frame.path;
  const written = textOf(values.get("path"));
  if (
    written !== undefined &&
    !findStage(x, written, frame, call.arguments?.[0]?.span ?? call.span)
  ) {
    return undefined;
  }
  const folder = textOf(values.get("directory"));
  const value = folder === undefined ? textOf(values.get("value")) : x.resolve(folder, call.span);
  const limit = numberOf(values.get("within"));
  return {
    kind,
    path: written === undefined ? prefix : within(prefix, written),
    ...(limit === undefined ? {} : { within: limit }),
    ...(value === undefined ? {} : { value }),
    span: call.span,
  };
}

/** Leaves the lines of an `optimize` block for when all paths are known. */
export function deferGrants(
  x: Expansion,
  { lines: written }: OptimizeStatement,
  frame: Frame,
): void {
  for (const line of written) x.step(line.span, frame.scope.size);
  const scope = frame.scope.snapshot();
  const fixed = { ...frame, scope, fixed: "optimize" };
  x.defer(() => {
    for (const line of written) {
      const grant = line.kind === "call" ? grantOf(x, line, fixed) : unknownLine(x, line);
      if (grant) x.grants.push(grant);
    }
  });
}
