import type {
  Argument,
  Body,
  CallExpression,
  Expression,
  Identifier,
  IfExpression,
  Label,
  StageExpression,
  StringLiteral,
} from "../ast.js";
import { keywords } from "../inputs.js";
import { fillBody } from "./fill-statement.js";
import type { Filled, Holes } from "./holes.js";
import { isCnnSource } from "./interpolation.js";

/** An expression with the interpolations in it, which stands in so many brackets. */
export function fillExpression(holes: Holes, at: Expression, depth: number): Expression {
  const fill = (inner: Expression) => fillExpression(holes, inner, depth);
  switch (at.kind) {
    case "string":
      return fillString(holes, at);
    case "list":
    case "tuple":
      return { ...at, items: at.items.map((item) => fillExpression(holes, item, depth + 1)) };
    case "group":
      return { ...at, inner: fillExpression(holes, at.inner, depth + 1) };
    case "member":
      return { ...at, object: fill(at.object), member: fillName(holes, at.member) };
    case "unary":
      return { ...at, operand: grouped(fill(at.operand)) };
    case "binary":
      return { ...at, left: grouped(fill(at.left)), right: grouped(fill(at.right)) };
    case "pipeline": {
      const stages = at.stages.map((stage) => fillStage(holes, stage, depth));
      return { ...at, first: fill(at.first), stages };
    }
    case "call":
      return fillCall(holes, at, depth);
    case "residual":
    case "if":
    case "body":
      return fillStage(holes, at, depth);
    default:
      return at;
  }
}

/** A negative number beside an operator stands in parentheses. */
const grouped = (at: Expression): Expression =>
  at.kind === "unary" && at.operand.span.start === at.span.start
    ? { kind: "group", inner: at, span: at.span }
    : at;

/** A string; interpolations in it are text. */
export function fillString(holes: Holes, at: StringLiteral): StringLiteral {
  return { ...at, value: holes.textOf(at.value) };
}

/** A name, which an interpolation can be or end, but only as a name. */
export function fillName(holes: Holes, at: Identifier): Identifier {
  const text = holes.textOf(at.text);
  if (text === at.text) return at;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !keywords.has(text)) return { ...at, text };
  const wanted = "a name has letters, digits and underscores, and is no keyword";
  holes.fail({ value: text, span: at.span }, wanted);
  return at;
}

/** A label; what an interpolation writes in it is text, whatever it holds. */
export function fillLabel(holes: Holes, at: Label, depth: number): Label {
  const parts = at.parts.map((part) =>
    typeof part === "string" ? holes.textOf(part) : fillExpression(holes, part, depth + 1),
  );
  const isWord = parts.every((part) => typeof part === "string" && /^[A-Za-z_]\w*$/.test(part));
  return { ...at, parts, quoted: at.quoted || !isWord };
}

const fillOptional = (holes: Holes, at: Label | undefined, depth: number): Label | undefined =>
  at && fillLabel(holes, at, depth);

/** A stage; an interpolation that is none is reported. */
export function fillStage(holes: Holes, at: StageExpression, depth: number): StageExpression {
  const label = fillOptional(holes, at.label, depth);
  switch (at.kind) {
    case "residual": {
      const shortcut = at.shortcut && fillExpression(holes, at.shortcut, depth + 1);
      return { ...at, label, shortcut, body: fillBody(holes, at.body, depth) };
    }
    case "body":
      return { ...at, label, body: fillBody(holes, at.body, depth) };
    case "if":
      return { ...fillIf(holes, at, depth), label };
    default: {
      const filled = fillCall(holes, at, depth);
      if (isStage(filled)) return filled;
      const hole = holes.whole(at.callee.text);
      if (hole) holes.fail(hole, "after '->' only a stage may stand");
      return at;
    }
  }
}

const isStage = (at: Expression): at is StageExpression =>
  at.kind === "call" || at.kind === "residual" || at.kind === "if" || at.kind === "body";

/** Walks along the `else if`s, because there may be many. */
function fillIf(holes: Holes, first: IfExpression, depth: number): IfExpression {
  const chain: IfExpression[] = [];
  let last: IfExpression | Body | undefined = first;
  while (last && "kind" in last) {
    chain.push(last);
    last = last.otherwise;
  }
  let otherwise: IfExpression | Body | undefined = last && fillBody(holes, last, depth);
  for (const at of chain.reverse()) {
    const condition = fillExpression(holes, at.condition, depth);
    const then = fillBody(holes, at.then, depth);
    otherwise = { ...at, condition, then, otherwise };
  }
  return otherwise && "kind" in otherwise ? otherwise : first;
}

function fillArgument(holes: Holes, at: Argument, depth: number): Argument {
  const name = at.name && fillName(holes, at.name);
  return { ...at, name, value: fillExpression(holes, at.value, depth + 1) };
}

function fillCall(holes: Holes, at: CallExpression, depth: number): Expression {
  const given = at.arguments?.map((argument) => fillArgument(holes, argument, depth));
  const label = fillOptional(holes, at.label, depth);
  const call = { ...at, label, arguments: given };
  const hole = holes.whole(at.callee.text);
  if (hole) return fillHole(holes, call, hole, depth);
  if (holes.textOf(at.callee.text) !== at.callee.text) {
    const wanted = "an interpolation cannot be a part of what is called";
    holes.fail({ value: holes.textOf(at.callee.text), span: at.span }, wanted);
  }
  return call;
}

/** What stands in the place of an interpolation: data, a template's stages, or a call of its only block. */
function fillHole(holes: Holes, call: CallExpression, hole: Filled, depth: number): Expression {
  const { value } = hole;
  if (isCnnSource(value)) {
    holes.bring(value);
    const [block, more] = value.items.flatMap((item) =>
      "body" in item && item.kind === "block" ? [item] : [],
    );
    if (!value.fragment && block && !more) {
      return { ...call, callee: { text: block.name.text, span: call.callee.span } };
    }
    const fragment = call.arguments ? undefined : holes.take(value, hole, depth + 1);
    if (fragment) {
      const body = { statements: fragment.statements, span: hole.span };
      return { kind: "body", label: call.label, body, span: call.span };
    }
    if (!value.fragment || call.arguments) holes.fail(hole, wantedOf(call));
    return call;
  }
  const data = call.arguments || call.label ? undefined : holes.data(hole);
  if (!data) holes.fail(hole, wantedOf(call));
  return data ?? call;
}

const wantedOf = ({ arguments: given, label }: CallExpression): string => {
  if (given) return "only a template that holds one block can be called";
  if (label) return "behind a label stands a stage: a template of stages, or of one block";
  return "a number, boolean, string or list, a template of stages, or of one block; other blocks stand outside of the models";
};
