import type { AssertStatement, BinaryExpression, Expression } from "./ast.js";
import type { Expansion, Frame } from "./expansion.js";
import { evaluate, operate } from "./expressions.js";
import { type Datum, describe, isUnknown, printDatum } from "./values.js";

const grouped = (datum: Datum): string =>
  datum.kind === "int" && Math.abs(datum.value) >= 10_000
    ? String(datum.value).replace(/\B(?=(\d{3})+$)/g, "_")
    : printDatum(datum);

/** The text of an expression on one line. */
function sourceText(x: Expansion, { span }: Expression): string {
  const text = x.report.sourceOf(span.file)?.slice(span.start, span.end) ?? "the condition";
  const line = text.replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

const isComparison = (condition: Expression): condition is BinaryExpression =>
  condition.kind === "binary" && ["==", "!=", "<", "<=", ">", ">="].includes(condition.operator);

function checkComparison(x: Expansion, condition: BinaryExpression, frame: Frame): void {
  const [left, right] = [evaluate(x, condition.left, frame), evaluate(x, condition.right, frame)];
  const holds = operate(x, condition, left, right, frame);
  if (holds.kind !== "bool" || holds.value) return;
  const sides = `the left side is ${grouped(left)}, the right side ${grouped(right)}`;
  x.fail("assert-failed", { condition: sourceText(x, condition), sides }, condition.span);
}

function checkTruth(x: Expansion, condition: Expression, frame: Frame): void {
  const holds = evaluate(x, condition, frame);
  if (isUnknown(holds) || (holds.kind === "bool" && holds.value)) return;
  if (holds.kind === "bool") {
    const details = { condition: sourceText(x, condition), sides: "it is false" };
    x.fail("assert-failed", details, condition.span);
    return;
  }
  const details = { where: "what assert states", wanted: "true or false", actual: describe(holds) };
  x.fail("wrong-value", details, condition.span);
}

function checkCondition(x: Expansion, condition: Expression, frame: Frame): void {
  if (condition.kind === "group") checkCondition(x, condition.inner, frame);
  else if (condition.kind === "binary" && condition.operator === "and") {
    checkCondition(x, condition.left, frame);
    checkCondition(x, condition.right, frame);
  } else if (isComparison(condition)) checkComparison(x, condition, frame);
  else checkTruth(x, condition, frame);
}

/** Leaves an assert for when the model is complete. */
export function deferAssert(x: Expansion, { condition }: AssertStatement, frame: Frame): void {
  x.step(condition.span, frame.scope.size);
  const scope = frame.scope.snapshot();
  x.defer((facts) => checkCondition(x, condition, { ...frame, scope, facts, fixed: "an assert" }));
}
