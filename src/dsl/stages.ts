import type { Span } from "../diagnostics/diagnostic.js";
import type { Label } from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate } from "./expressions.js";
import { PathScope, type Stage } from "./paths.js";
import { type Datum, describe, unknown } from "./values.js";

function partText(x: Expansion, datum: Datum, span: Span): string | undefined {
  if (datum.kind === "string") return datum.value;
  if ((datum.kind === "int" || datum.kind === "float") && Number.isSafeInteger(datum.value)) {
    return String(datum.value);
  }
  if (datum.kind !== "unknown") {
    const where = "what stands in the braces of a label";
    x.fail("wrong-value", { where, wanted: "an int or a string", actual: describe(datum) }, span);
  }
  return undefined;
}

const longestLabel = 1_000;
const longestPath = 1_000;

/** The text of a label with its `{expr}` filled in; undefined after an error. */
export function labelText(x: Expansion, label: Label, frame: Frame): string | undefined {
  let text = "";
  for (const part of label.parts) {
    const more = typeof part === "string" ? part : partText(x, evaluate(x, part, frame), part.span);
    if (more === undefined) return undefined;
    text += more;
    if (text.length > longestLabel) {
      const why = `it is longer than ${longestLabel} characters`;
      x.fail("bad-label", { label: `${text.slice(0, 40)}…`, why }, label.span);
      return undefined;
    }
  }
  return text;
}

function pathLabel(x: Expansion, label: Label, frame: Frame): string | undefined {
  const text = labelText(x, label, frame);
  if (text === undefined) return undefined;
  if (text.split(".").every((part) => part.trim() !== "")) return text;
  const why = text === "" ? "it is empty" : "a part between its dots is empty";
  x.fail("bad-label", { label: text, why }, label.span);
  return undefined;
}

/** A label as written, for messages. */
export const printLabel = (label: Label): string =>
  label.parts.map((part) => (typeof part === "string" ? part : "{…}")).join("");

/** Gives a stage its path: the label's, or the next number. */
export function openStage(x: Expansion, label: Label | undefined, frame: Frame, span: Span): Stage {
  if (frame.fixed !== undefined) x.fail("stage-misplaced", { where: frame.fixed }, span);
  const text = label && pathLabel(x, label, frame);
  if (label && text === undefined) return { path: "?", span, result: unknown };
  const path = text === undefined ? frame.path.numbered() : frame.path.labelled(text);
  if (path.length > longestPath) {
    const why = `its path is longer than ${longestPath} characters`;
    x.fail("bad-label", { label: `${path.slice(0, 40)}…`, why }, label?.span ?? span);
    return { path: "?", span, result: unknown };
  }
  const { stage, first } = x.stages.add(path, label?.span ?? span);
  if (first) {
    const notes = [{ message: "the first one is here", span: first.span }];
    const repeated = frame.repeating && first.span.start === stage.span.start;
    x.fail("path-taken", { path, repeated }, stage.span, notes);
  }
  return stage;
}

/** The frame inside a construct that is transparent unless it has a label. */
export function openScope(
  x: Expansion,
  label: Label | undefined,
  frame: Frame,
  span: Span,
): { frame: Frame; stage: Stage | undefined } {
  if (!label) return { frame, stage: undefined };
  const stage = openStage(x, label, frame, span);
  return { frame: { ...frame, path: new PathScope(stage.path) }, stage };
}

/** Notes what a stage made, for `shape("path")`. */
export function close(stage: Stage | undefined, result: Datum): Datum {
  if (stage) stage.result = result;
  return result;
}

/** Reports a label on something that takes none. */
export function refuseLabel(x: Expansion, label: Label | undefined, what: string): void {
  if (label) x.fail("label-misplaced", { label: printLabel(label), what }, label.span);
}
