import { nearest } from "../diagnostics/nearest.js";
import type {
  BinaryExpression,
  Expression,
  IfExpression,
  MemberExpression,
  PipelineExpression,
  ResidualExpression,
  UnaryExpression,
} from "./ast.js";
import { evaluateCall } from "./calls.js";
import { enumerate } from "./enumerate.js";
import type { Expansion, Frame } from "./expansion.js";
import { arithmeticOnTensors, combine, negate } from "./merges.js";
import { arithmetic, compared, equal, isTrouble, type Outcome } from "./numbers.js";
import { PathScope } from "./paths.js";
import { close, openScope, openStage } from "./stages.js";
import { runBody } from "./statements.js";
import {
  bool,
  type Datum,
  describe,
  float,
  holdsTensor,
  int,
  isNumeric,
  isUnknown,
  listOf,
  shapeOf,
  string,
  unknown,
} from "./values.js";

/** The value of an expression in a frame; errors are reported and leave `unknown`. */
export function evaluate(x: Expansion, expression: Expression, frame: Frame): Datum {
  x.enter(expression.span);
  const value = dispatch(x, expression, frame);
  x.leave();
  return value;
}

function dispatch(x: Expansion, expression: Expression, frame: Frame): Datum {
  switch (expression.kind) {
    case "number":
      return expression.integer
        ? settle(x, wholeLiteral(expression.value, expression.text), expression)
        : settle(x, floatLiteral(expression.value, expression.text), expression);
    case "size":
      return { kind: "size", height: expression.height, width: expression.width };
    case "string":
      return string(expression.value);
    case "boolean":
      return bool(expression.value);
    case "list":
    case "tuple":
      return listOf(expression.items.map((item) => evaluate(x, item, frame)));
    case "group":
      return evaluate(x, expression.inner, frame);
    case "current":
      return currentValue(x, expression, frame);
    case "member":
      return member(x, expression, frame);
    case "unary":
      return unary(x, expression, frame);
    case "binary":
      return binary(x, expression, frame);
    case "pipeline":
      return pipeline(x, expression, frame);
    default:
      return stage(x, expression, frame, false);
  }
}

type StageKind = Extract<Expression, { kind: "call" | "residual" | "if" | "body" }>;

function stage(x: Expansion, expression: StageKind, frame: Frame, piped: boolean): Datum {
  switch (expression.kind) {
    case "call":
      return evaluateCall(x, expression, frame, piped);
    case "residual":
      return residual(x, expression, frame);
    case "if":
      return choice(x, expression, frame);
    case "body": {
      const opened = openStage(x, expression.label, frame, expression.span);
      const inner = { ...frame, path: new PathScope(opened.path) };
      return close(opened, runBody(x, expression.body, inner));
    }
  }
}

const wholeLiteral = (value: number, text: string): Outcome =>
  Number.isSafeInteger(value)
    ? int(value)
    : { name: "number-out-of-range", details: { expression: text } };

const floatLiteral = (value: number, text: string): Outcome =>
  Number.isFinite(value)
    ? float(value)
    : { name: "number-out-of-range", details: { expression: text } };

/** A datum, or trouble reported at an expression. */
export function settle(x: Expansion, outcome: Outcome, { span }: Pick<Expression, "span">): Datum {
  if (!isTrouble(outcome)) return outcome;
  if (outcome.name === "not-whole") return x.fail(outcome.name, outcome.details, span);
  return x.fail(outcome.name, outcome.details, span);
}

function currentValue(
  x: Expansion,
  { which, span }: Extract<Expression, { kind: "current" }>,
  frame: Frame,
): Datum {
  const value = which === "it" ? frame.current : frame.input;
  return value ?? x.fail("nothing-arrives", { what: `'${which}'` }, span);
}

function attribute(shape: readonly number[], name: string): Datum | undefined {
  const [channels, height, width] = shape;
  if (name === "shape") return listOf(shape.map(int));
  if (name === "channels" && channels !== undefined) return int(channels);
  if (height === undefined || width === undefined) return undefined;
  if (name === "height") return int(height);
  if (name === "width") return int(width);
  return name === "size" ? { kind: "size", height, width } : undefined;
}

function member(x: Expansion, expression: MemberExpression, frame: Frame): Datum {
  const object = evaluate(x, expression.object, frame);
  if (isUnknown(object)) return unknown;
  const name = expression.member.text;
  const shape = object.kind === "tensor" ? shapeOf(object.tensor) : [];
  const found = object.kind === "tensor" ? attribute(shape, name) : undefined;
  if (found) return found;
  const known =
    object.kind !== "tensor"
      ? []
      : ["channels", "shape", ...(shape.length >= 3 ? ["height", "width", "size"] : [])];
  const details = {
    name,
    of: describe(object),
    known: enumerate(known),
    nearest: nearest(name, known),
  };
  return x.fail("unknown-attribute", details, expression.member.span);
}

function unary(x: Expansion, expression: UnaryExpression, frame: Frame): Datum {
  const operand = evaluate(x, expression.operand, frame);
  if (isUnknown(operand)) return unknown;
  if (expression.operator === "-") {
    if (isNumeric(operand)) return { ...operand, value: 0 - operand.value };
    if (operand.kind === "tensor") return negate(x, operand.tensor, frame, expression.span);
  } else if (operand.kind === "bool") return bool(!operand.value);
  const details = { operator: expression.operator, actual: describe(operand) };
  return x.fail("wrong-operands", details, expression.span);
}

function logical(x: Expansion, expression: BinaryExpression, left: Datum, frame: Frame): Datum {
  if (left.kind === "bool" && left.value === (expression.operator === "or")) return left;
  const right = left.kind === "bool" ? evaluate(x, expression.right, frame) : left;
  if (isUnknown(right)) return unknown;
  if (right.kind === "bool") return right;
  const details = { operator: expression.operator, actual: describe(right) };
  return x.fail("wrong-operands", details, expression.span);
}

function oneBinary(x: Expansion, expression: BinaryExpression, left: Datum, frame: Frame): Datum {
  const { operator } = expression;
  if (operator === "and" || operator === "or") {
    return isUnknown(left) ? unknown : logical(x, expression, left, frame);
  }
  return operate(x, expression, left, evaluate(x, expression.right, frame), frame);
}

/** Chains such as `a + b + c` lean to the left; they are walked, so that long ones need no stack. */
function binary(x: Expansion, expression: BinaryExpression, frame: Frame): Datum {
  const chain: BinaryExpression[] = [];
  let leftmost: Expression = expression;
  while (leftmost.kind === "binary") {
    chain.push(leftmost);
    leftmost = leftmost.left;
  }
  const first = evaluate(x, leftmost, frame);
  return chain.reduceRight((left, one) => oneBinary(x, one, left, frame), first);
}

/** A binary operator, `and` and `or` excepted, on two values. */
export function operate(
  x: Expansion,
  expression: BinaryExpression,
  left: Datum,
  right: Datum,
  frame: Frame,
): Datum {
  const { operator, span } = expression;
  if (isUnknown(left) || isUnknown(right)) return unknown;
  if (operator === "==" || operator === "!=") {
    const same = equal(left, right, () => x.step(span));
    if (same !== undefined) return bool(same === (operator === "=="));
    const details = { operator, left: describe(left), right: describe(right) };
    return x.fail("cannot-compare", details, span);
  }
  if (isNumeric(left) && isNumeric(right)) {
    if (["<", "<=", ">", ">="].includes(operator)) return compared(operator, left, right);
    return settle(x, arithmetic(operator, left, right), expression);
  }
  if (left.kind === "tensor" || right.kind === "tensor") {
    const made = arithmeticOnTensors(x, operator, left, right, frame, span);
    if (made) return made;
  }
  const wrong = isNumeric(left) || left.kind === "tensor" ? right : left;
  const actual = isNumeric(wrong) || wrong.kind === "tensor" ? "a tensor" : describe(wrong);
  return x.fail("wrong-operands", { operator, actual }, span);
}

function pipeline(x: Expansion, expression: PipelineExpression, frame: Frame): Datum {
  let current = evaluate(x, expression.first, frame);
  for (const next of expression.stages) {
    x.step(next.span);
    current = stage(x, next, { ...frame, current }, true);
  }
  return current;
}

function hasElse(expression: IfExpression): boolean {
  let branch: IfExpression | undefined = expression;
  while (branch) {
    const { otherwise }: IfExpression = branch;
    if (!otherwise) return false;
    branch = "kind" in otherwise ? otherwise : undefined;
  }
  return true;
}

/** The value of the branch taken; undefined when none is; `unknown` when a condition is. */
function branchValue(x: Expansion, expression: IfExpression, frame: Frame, inner: Frame) {
  let branch: IfExpression = expression;
  for (;;) {
    const condition = evaluate(x, branch.condition, frame);
    if (isUnknown(condition)) return unknown;
    if (condition.kind !== "bool") {
      const details = {
        where: "the condition of if",
        wanted: "true or false",
        actual: describe(condition),
      };
      return x.fail("wrong-value", details, branch.condition.span);
    }
    if (condition.value) return runBody(x, branch.then, inner);
    if (!branch.otherwise) return undefined;
    if (!("kind" in branch.otherwise)) return runBody(x, branch.otherwise, inner);
    branch = branch.otherwise;
  }
}

function choice(x: Expansion, expression: IfExpression, frame: Frame): Datum {
  const opened = openScope(x, expression.label, frame, expression.span);
  const value = branchValue(x, expression, frame, opened.frame) ?? frame.current;
  if (value === undefined) {
    return x.fail("if-without-else", { actual: "a value" }, expression.span);
  }
  const needsElse = !isUnknown(value) && !holdsTensor(value) && !hasElse(expression);
  if (needsElse && value !== frame.current) {
    return x.fail("if-without-else", { actual: describe(value) }, expression.span);
  }
  return close(opened.stage, value);
}

/** The value that arrives at a construct, which must be one tensor. */
export function arriving(x: Expansion, frame: Frame, op: string, span: Expression["span"]): Datum {
  const { current } = frame;
  if (current === undefined) return x.fail("nothing-arrives", { what: op }, span);
  if (current.kind === "tensor" || isUnknown(current)) return current;
  const advice =
    current.kind === "list" && holdsTensor(current)
      ? "take it apart with let a, b = …, or merge it"
      : undefined;
  const details = { op, wanted: "one tensor", actual: describe(current), advice };
  return x.fail("wrong-input", details, span);
}

function residual(x: Expansion, expression: ResidualExpression, frame: Frame): Datum {
  const { shortcut } = expression;
  const opened = openScope(x, expression.label, frame, expression.span);
  const span = { ...expression.span, end: shortcut?.span.end ?? expression.body.span.start };
  const it = arriving(x, frame, "residual", span);
  const inner = { ...opened.frame, current: it };
  const choice = shortcut ? evaluate(x, shortcut, inner) : it;
  const body = runBody(x, expression.body, inner);
  if (choice.kind !== "bool" && choice.kind !== "tensor" && !isUnknown(choice)) {
    const where = "the shortcut of residual";
    const details = { where, wanted: "a pipeline, true or false", actual: describe(choice) };
    return x.fail("wrong-value", details, shortcut?.span ?? expression.span);
  }
  if (choice.kind === "bool" && !choice.value) return close(opened.stage, body);
  const left = choice.kind === "bool" ? it : choice;
  return close(opened.stage, combine(x, "residual", "add", [left, body], opened.frame, span));
}
