import type { CstNode, IToken } from "chevrotain";
import type {
  Argument,
  Body,
  Expression,
  IfExpression,
  Label,
  ListExpression,
  NumberLiteral,
  SizeLiteral,
  StageExpression,
} from "./ast.js";
import { buildBody } from "./build-ast.js";
import type { BuildContext } from "./build-ast-context.js";
import { buildIdentifier, buildLabel, buildString } from "./build-ast-label.js";
import { combine, type Term } from "./build-ast-operators.js";
import * as cst from "./cst.js";

/** An expression, or what of it could be understood. */
export function buildExpression(
  context: BuildContext,
  at: CstNode | undefined,
): Expression | undefined {
  if (!at) return undefined;
  const terms: Term[] = [];
  for (const child of cst.childrenInOrder(at)) {
    if (!("children" in child) || child.name === "stage") continue;
    if (child.name === "operand") terms.push(...operandTerms(context, child));
    else for (const sign of operatorTokens(child)) terms.push({ kind: "binary", token: sign });
  }
  const first = combine(context, terms);
  const stages = cst.nodes(at, "stage").flatMap((stage) => buildStage(context, stage) ?? []);
  if (!first || stages.length === 0) return first ?? stages[0];
  const span = cst.spanAcross(first.span, stages.at(-1)!.span);
  return { kind: "pipeline", first, stages, span };
}

function operatorTokens(at: CstNode): IToken[] {
  return Object.keys(at.children).flatMap((type) => cst.tokens(at, type));
}

function operandTerms(context: BuildContext, at: CstNode): Term[] {
  const signs = [...cst.tokens(at, "Minus"), ...cst.tokens(at, "Not")];
  signs.sort((a, b) => a.startOffset - b.startOffset);
  const terms: Term[] = signs.map((token) => ({ kind: "prefix", token }));
  const primary = cst.node(at, "primary");
  let value = primary && buildPrimary(context, primary);
  if (!value) return terms;
  for (const name of cst.tokens(at, "Identifier")) {
    const member = buildIdentifier(context, name);
    const span = cst.spanAcross(value.span, member.span);
    value = { kind: "member", object: value, member, span };
  }
  return [...terms, { kind: "operand", value }];
}

function buildPrimary(context: BuildContext, at: CstNode): Expression | undefined {
  const stage = cst.node(at, "stage");
  if (stage) return buildStage(context, stage);
  const list = cst.node(at, "list");
  if (list) return buildList(context, list);
  const tuple = cst.node(at, "tuple");
  if (tuple) return buildTuple(context, tuple);
  for (const type of Object.keys(at.children)) {
    const literal = cst.token(at, type);
    if (literal) return buildLiteral(context, type, literal);
  }
  return undefined;
}

function buildLiteral(context: BuildContext, type: string, at: IToken): Expression | undefined {
  const span = cst.spanOfToken(context.file, at);
  switch (type) {
    case "Text":
      return buildString(context, at);
    case "Size":
      return buildSize(context, at);
    case "Integer":
    case "Float":
      return buildNumber(context, at, type === "Integer");
    case "True":
    case "False":
      return { kind: "boolean", value: type === "True", span };
    case "In":
      return { kind: "current", which: "in", span };
    case "It":
      return { kind: "current", which: "it", span };
    default:
      return undefined;
  }
}

function buildNumber(context: BuildContext, at: IToken, integer: boolean): NumberLiteral {
  const span = cst.spanOfToken(context.file, at);
  const parsed = Number(at.image.replaceAll("_", ""));
  const value = Number.isNaN(parsed) ? Number.parseInt(at.image, 10) : parsed;
  checkMagnitude(context, at, value, integer);
  return { kind: "number", value, integer, text: at.image, span };
}

function buildSize(context: BuildContext, at: IToken): SizeLiteral {
  const [height = 0, width = 0] = at.image.split("x").map(Number);
  checkMagnitude(context, at, Math.max(height, width), true);
  const span = cst.spanOfToken(context.file, at);
  return { kind: "size", height, width, text: at.image, span };
}

function checkMagnitude(context: BuildContext, at: IToken, value: number, integer: boolean): void {
  const fits = integer ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (fits) return;
  const limit = integer ? "9007199254740991 (2^53 - 1)" : "1.7976931348623157e308";
  context.report.add("number-too-large", { limit }, { span: cst.spanOfToken(context.file, at) });
}

/** `[a, b]`. */
export function buildList(context: BuildContext, at: CstNode): ListExpression {
  return { kind: "list", items: expressions(context, at), span: cst.spanOfNode(context.file, at) };
}

function buildTuple(context: BuildContext, at: CstNode): Expression | undefined {
  const items = expressions(context, at);
  const span = cst.spanOfNode(context.file, at);
  if (cst.tokens(at, "Comma").length > 0) return { kind: "tuple", items, span };
  return items[0] && { kind: "group", inner: items[0], span };
}

/** The expressions that stand directly in a node. */
export function expressions(context: BuildContext, at: CstNode): Expression[] {
  return cst.nodes(at, "expression").flatMap((inner) => buildExpression(context, inner) ?? []);
}

function buildStage(context: BuildContext, at: CstNode): StageExpression | undefined {
  const written = cst.node(at, "label");
  const label = written && buildLabel(context, written);
  const span = cst.spanOfNode(context.file, at);
  const call = cst.node(at, "call");
  if (call) return buildCall(context, call, label, span);
  const residual = cst.node(at, "residual");
  if (residual) {
    const shortcut = buildExpression(context, cst.node(residual, "expression"));
    const body = bodyOf(context, residual);
    return body && { kind: "residual", label, shortcut, body, span };
  }
  const choice = cst.node(at, "ifExpression");
  if (choice) return buildIf(context, choice, label, span);
  const body = bodyOf(context, at);
  return body && { kind: "body", label, body, span };
}

function bodyOf(context: BuildContext, at: CstNode): Body | undefined {
  const body = cst.node(at, "body");
  return body && buildBody(context, body);
}

function buildCall(
  context: BuildContext,
  at: CstNode,
  label: Label | undefined,
  span: StageExpression["span"],
): StageExpression | undefined {
  const callee = cst.token(at, "Identifier");
  if (!callee) return undefined;
  const written = cst.node(at, "arguments");
  const given =
    written && cst.nodes(written, "argument").flatMap((a) => buildArgument(context, a) ?? []);
  return { kind: "call", label, callee: buildIdentifier(context, callee), arguments: given, span };
}

function buildArgument(context: BuildContext, at: CstNode): Argument | undefined {
  const value = buildExpression(context, cst.node(at, "expression"));
  const name = cst.token(at, "Identifier");
  const span = cst.spanOfNode(context.file, at);
  return value && { name: name && buildIdentifier(context, name), value, span };
}

/** Builds from the last `else` back, because each `if` holds what comes after it. */
function buildIf(
  context: BuildContext,
  at: CstNode,
  label: Label | undefined,
  span: StageExpression["span"],
): IfExpression | undefined {
  const conditions = cst.nodes(at, "expression").map((inner) => buildExpression(context, inner));
  const bodies = cst.nodes(at, "body").map((inner) => buildBody(context, inner));
  const starts = cst.tokens(at, "If").map((word) => word.startOffset);
  let otherwise: Body | IfExpression | undefined = bodies[conditions.length];
  for (let i = conditions.length - 1; i >= 0; i--) {
    const [condition, then] = [conditions[i], bodies[i]];
    if (!condition || !then) continue;
    const start = starts[i] ?? condition.span.start;
    const inner = i === 0 ? span : { file: span.file, start, end: span.end };
    const own = i === 0 ? label : undefined;
    otherwise = { kind: "if", label: own, condition, then, otherwise, span: inner };
  }
  return otherwise && "kind" in otherwise ? otherwise : undefined;
}
