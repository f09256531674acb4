import type {
  Argument,
  Body,
  Expression,
  IfExpression,
  Label,
  ListExpression,
  StageExpression,
  StringLiteral,
} from "./ast.js";
import { binaryPrecedence, isChainable, prefixPrecedence } from "./build-ast-operators.js";
import type { FormatContext } from "./format-context.js";
import { Gaps } from "./format-gaps.js";
import {
  breaks,
  brokenGroup,
  concat,
  group,
  hasSuffix,
  indent,
  isTall,
  type Layout,
  line,
  render,
  softLine,
} from "./format-layout.js";
import { enclose, encloseTable } from "./format-sequence.js";
import { formatBody } from "./format-statement.js";

/** An expression with its canonical spaces. */
export function formatExpression(context: FormatContext, at: Expression): Layout {
  const { gaps } = context;
  switch (at.kind) {
    case "number":
    case "size":
      return gaps.token(at.text);
    case "string":
      return formatText(context, at);
    case "boolean":
      return gaps.token(String(at.value));
    case "current":
      return gaps.token(at.which);
    case "list":
    case "tuple":
      return formatSequence(context, at);
    case "group":
      return concat(gaps.token("("), formatExpression(context, at.inner), gaps.token(")"));
    case "member": {
      const object = formatOperand(context, at.object, tightest);
      return concat(object, gaps.token("."), gaps.token(at.member.text));
    }
    case "unary": {
      const space = at.operator === "not" ? " " : "";
      const sign = gaps.token(at.operator);
      return concat(sign, space, formatOperand(context, at.operand, prefixPrecedence[at.operator]));
    }
    case "binary":
      return formatBinary(context, at);
    case "pipeline":
      return formatPipeline(context, at);
    default:
      return formatStage(context, at);
  }
}

const tightest = 8;

/** How tightly an expression holds together when it stands as an operand. */
function precedenceOf(at: Expression): number {
  if (at.kind === "pipeline") return -1;
  if (at.kind === "binary") return binaryPrecedence[at.operator];
  return at.kind === "unary" ? prefixPrecedence[at.operator] : tightest;
}

/** An operand, in parentheses when it would fall apart without them. */
function formatOperand(context: FormatContext, at: Expression, least: number): Layout {
  const inner = () => formatExpression(context, at);
  return precedenceOf(at) < least ? concat("(", inner(), ")") : inner();
}

type Binary = Extract<Expression, { kind: "binary" }>;

/** A row of operators of one precedence breaks as one, before the operators. */
function formatBinary(context: FormatContext, at: Binary): Layout {
  const precedence = binaryPrecedence[at.operator];
  const row: Binary[] = [];
  let first: Expression = at;
  while (first.kind === "binary" && binaryPrecedence[first.operator] === precedence) {
    row.unshift(first);
    first = first.left;
    if (!isChainable(precedence)) break;
  }
  const head = formatOperand(context, first, isChainable(precedence) ? precedence : precedence + 1);
  const tail = row.map(({ operator, right }) => {
    const sign = context.gaps.token(operator);
    const space = operator === ".." ? "" : " ";
    const operand = formatOperand(context, right, precedence + 1);
    return concat(operator === ".." ? softLine : line, sign, space, operand);
  });
  return chain(head, tail);
}

function formatPipeline(
  context: FormatContext,
  at: Extract<Expression, { kind: "pipeline" }>,
): Layout {
  const head = formatOperand(context, at.first, 0);
  let previous = head;
  const stages = at.stages.map((stage) => {
    const arrow = context.gaps.token("->");
    const separator = isTall(previous) && !breaks(previous) && !hasSuffix(previous) ? " " : line;
    previous = formatStage(context, stage);
    return concat(separator, arrow, " ", previous);
  });
  return chain(head, stages);
}

/** A head and what follows it, on one line or each part on its own. */
function chain(head: Layout, tail: readonly Layout[]): Layout {
  const mustBreak = [head, ...tail.slice(0, -1)].some(hasSuffix);
  return (mustBreak ? brokenGroup : group)(head, indent(...tail));
}

/** A stage, with its label. */
export function formatStage(context: FormatContext, at: StageExpression): Layout {
  const label = at.label
    ? concat(formatLabel(context, at.label), context.gaps.token(":"), " ")
    : "";
  return concat(label, formatUnlabelled(context, at));
}

function formatUnlabelled(context: FormatContext, at: StageExpression): Layout {
  const { gaps } = context;
  if (at.kind === "body") return formatBody(context, at.body);
  if (at.kind === "if") return formatIf(context, at);
  if (at.kind === "call") {
    const callee = gaps.token(at.callee.text);
    if (!at.arguments) return callee;
    const items = at.arguments.map((argument) => () => formatArgument(context, argument));
    return concat(callee, enclose(context, "(", items, ")"));
  }
  const word = gaps.token("residual");
  const shortcut = at.shortcut
    ? concat(gaps.token("("), formatExpression(context, at.shortcut), gaps.token(")"))
    : "";
  return concat(word, shortcut, " ", formatBody(context, at.body));
}

/** Walks along the `else if`s, because there may be many. */
function formatIf(context: FormatContext, first: IfExpression): Layout {
  const { gaps } = context;
  const parts: Layout[] = [];
  let at: IfExpression | Body | undefined = first;
  while (at && "kind" in at) {
    parts.push(gaps.token("if"), " ", formatExpression(context, at.condition), " ");
    parts.push(formatBody(context, at.then));
    at = at.otherwise;
    if (at) parts.push(" ", gaps.token("else"), " ");
  }
  if (at) parts.push(formatBody(context, at));
  return concat(...parts);
}

function formatArgument(context: FormatContext, at: Argument): Layout {
  const name = at.name ? concat(context.gaps.token(at.name.text), context.gaps.token("=")) : "";
  return concat(name, formatExpression(context, at.value));
}

/** A list or tuple; one of plain values is a table, which fills its lines. */
export function formatSequence(context: FormatContext, at: ListExpression): Layout {
  const elements = at.items.map((item) => () => formatExpression(context, item));
  const [open, close] = at.kind === "list" ? ["[", "]"] : ["(", ")"];
  if (at.kind === "tuple" && at.items.length === 1) {
    const { gaps } = context;
    const only = concat(gaps.token(open), ...elements.map((element) => element()));
    return concat(only, gaps.token(","), gaps.token(close));
  }
  const isTable = at.items.length > 1 && at.items.every(isPlain);
  return (isTable ? encloseTable : enclose)(context, open, elements, close);
}

function isPlain(at: Expression): boolean {
  if (at.kind === "list" || at.kind === "tuple") return at.items.every(isPlain);
  if (at.kind === "unary") return isPlain(at.operand);
  return ["number", "size", "string", "boolean"].includes(at.kind);
}

/** A string: as it was written, or as JSON writes it. */
export function formatText({ gaps, text }: FormatContext, at: StringLiteral): Layout {
  return gaps.token(text?.slice(at.span.start, at.span.end) ?? quote(at.value));
}

/** A label as it was written, or as its parts say. */
export function formatLabel({ gaps, text }: FormatContext, at: Label): Layout {
  return gaps.token(text?.slice(at.span.start, at.span.end) ?? labelText(at));
}

function labelText(at: Label): string {
  const [only] = at.parts;
  const isWord = at.parts.length === 1 && typeof only === "string" && /^[A-Za-z_]\w*$/.test(only);
  if (!at.quoted && isWord && only !== "else") return only;
  const parts = at.parts.map((part) =>
    typeof part === "string" ? quoteBraces(quote(part).slice(1, -1)) : `{${onOneLine(part)}}`,
  );
  return `"${parts.join("")}"`;
}

/** JSON's string, which is pure ASCII where a character could not be seen or not be encoded. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function quoteBraces(text: string): string {
  return text.replaceAll("{", "\\u007b").replaceAll("}", "\\u007d");
}

function onOneLine(at: Expression): string {
  const context = { gaps: new Gaps("", []), text: undefined, compact: true } as const;
  return render(formatExpression(context, at), Number.POSITIVE_INFINITY).trimEnd();
}
