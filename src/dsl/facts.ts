import { nearest } from "../diagnostics/nearest.js";
import { bindArguments } from "./arguments.js";
import type { CallExpression, Expression } from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate } from "./expressions.js";
import { within, writtenPath } from "./stage-names.js";
import { refuseLabel } from "./stages.js";
import { type Datum, describe, int, isUnknown, listOf, shapeOf, unknown } from "./values.js";

/** A stage by the path written, seen from the frame's scope; reported when there is none. */
export function findStage(x: Expansion, path: string, frame: Frame, span: Expression["span"]) {
  const { prefix } = frame.path;
  const stage = x.stages.find(within(prefix, path));
  if (stage || x.failed) return stage;
  const known: string[] = [];
  for (const candidate of x.stages.paths) {
    if (prefix === "") known.push(candidate);
    else if (candidate.startsWith(`${prefix}.`)) known.push(candidate.slice(prefix.length + 1));
  }
  x.fail("unknown-path", { path, nearest: nearest(path, known) }, span);
  return undefined;
}

const firstName = (path: string): string => path.split(".")[0] ?? "";

function shapedValue(x: Expansion, value: Expression, frame: Frame): Datum {
  const path = writtenPath(value);
  const named = path !== undefined && value.kind !== "string" && frame.scope.find(firstName(path));
  const isValue = named && named.kind === "value" && named.value.kind === "tensor";
  if (path === undefined || isValue) return evaluate(x, value, frame);
  return findStage(x, path, frame, value.span)?.result ?? unknown;
}

function shape(x: Expansion, call: CallExpression, frame: Frame): Datum {
  const signature = { callee: "shape", parameters: [{ name: "of", required: true }] };
  const bound = bindArguments(x, signature, call.arguments ?? [], call.span);
  const value = bound.pairs[0]?.[1].value;
  if (!value || !bound.ok) return unknown;
  const datum = shapedValue(x, value, frame);
  if (datum.kind === "tensor") return listOf(shapeOf(datum.tensor).map(int));
  if (isUnknown(datum)) return unknown;
  const details = { parameter: "of", callee: "shape", wanted: "a tensor or a path" };
  return x.fail("wrong-argument", { ...details, actual: describe(datum) }, value.span);
}

/** `params`, `macs` and `shape(…)`, in asserts. */
export function evaluateFact(x: Expansion, call: CallExpression, frame: Frame): Datum {
  const name = call.callee.text;
  const { facts } = frame;
  refuseLabel(x, call.label, "a fact");
  if (facts === undefined) return x.fail("fact-misplaced", { name }, call.callee.span);
  if (name === "shape") return shape(x, call, frame);
  if (call.arguments) return x.fail("not-a-stage", { name, what: "a fact" }, call.callee.span);
  if (facts === "unknown") return unknown;
  return int(name === "params" ? facts.params : facts.macs);
}
