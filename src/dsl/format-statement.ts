import type { Body, Expression, ForStatement, InputStatement, Setting, Statement } from "./ast.js";
import type { FormatContext } from "./format-context.js";
import { formatExpression, formatLabel, formatText } from "./format-expression.js";
import {
  blankLine,
  breaks,
  brokenGroup,
  concat,
  group,
  hardLine,
  hasSuffix,
  indent,
  type Layout,
  line,
  lineOr,
  tall,
} from "./format-layout.js";
import { enclose } from "./format-sequence.js";

/** `{ … }`: on one line when it was written so and fits, else a statement a line. */
export function formatBody(context: FormatContext, at: Body): Layout {
  return formatBraces(context, at.statements, isOnOneLine(context, at));
}

/** Statements, or the lines of `optimize`, between braces. */
function formatBraces(
  context: FormatContext,
  statements: readonly Statement[],
  onOneLine: boolean,
): Layout {
  const { gaps } = context;
  const opener = gaps.token("{");
  const parts: Layout[] = [];
  for (const [i, statement] of statements.entries()) {
    if (i > 0) parts.push(separatorBefore(statement, gaps.blankBefore, onOneLine));
    const written = formatStatement(context, statement);
    const next = statements[i + 1];
    const end = next && needsSemicolon(statement, next) ? gaps.separator(";") : gaps.skipped();
    parts.push(concat(written, end));
  }
  const end = gaps.beforeCloser();
  const mustBreak = [opener, ...parts, ...end].some((part) => hasSuffix(part) || breaks(part));
  if (parts.length === 0 && !mustBreak) {
    return concat(opener, ...end, end.length > 0 ? " " : "", gaps.token("}"));
  }
  const brace = onOneLine ? line : hardLine;
  const first = parts.length > 0 ? brace : "";
  const content = [opener, indent(first, ...parts, ...end), brace, gaps.token("}")];
  if (!onOneLine) return tall(...content);
  return mustBreak ? tall(brokenGroup(...content)) : group(...content);
}

/** On one line a `(` would begin the arguments of the name before it. */
function separatorBefore(statement: Statement, blank: boolean, onOneLine: boolean): Layout {
  if (!onOneLine) return blank ? blankLine : hardLine;
  const isParenthesis =
    statement.kind === "expression" && firstCharacter(statement.expression) === "(";
  return lineOr(isParenthesis ? "; " : "  ");
}

/** A tree that was not parsed has no lines: there, one statement stays beside its braces. */
function isOnOneLine({ text, compact }: FormatContext, at: Body): boolean {
  if (compact) return true;
  if (text === undefined) return at.statements.length <= 1;
  return !/[\r\n]/.test(text.slice(at.span.start, at.span.end));
}

/** Whether the next statement's first character would be read as the end of this one. */
function needsSemicolon(statement: Statement, next: Statement): boolean {
  if (next.kind !== "expression") return false;
  const first = firstCharacter(next.expression);
  if (first === "{") return statement.kind === "input" && statement.settings.length === 0;
  return first === "-";
}

function firstCharacter(at: Expression): string {
  switch (at.kind) {
    case "group":
    case "tuple":
      return "(";
    case "unary":
      return at.operator === "-" ? "-" : "not";
    case "binary":
      return firstCharacter(at.left);
    case "member":
      return firstCharacter(at.object);
    case "pipeline":
      return firstCharacter(at.first);
    case "body":
      return at.label ? "" : "{";
    default:
      return "";
  }
}

/** One statement, without what separates it from the next. */
export function formatStatement(context: FormatContext, at: Statement): Layout {
  const { gaps } = context;
  switch (at.kind) {
    case "input":
      return formatInput(context, at);
    case "output": {
      const head = concat(gaps.token("output"), " ", formatLabel(context, at.label));
      return at.value ? concat(head, " ", formatValue(context, at.value)) : head;
    }
    case "weights":
      return concat(gaps.token("weights"), " ", formatText(context, at.path));
    case "labels":
      return concat(gaps.token("labels"), " ", formatExpression(context, at.value));
    case "assert":
      return concat(gaps.token("assert"), " ", formatExpression(context, at.condition));
    case "optimize":
      return formatOptimize(context, at);
    case "const":
      return concat(
        gaps.token("const"),
        " ",
        gaps.token(at.name.text),
        " ",
        formatValue(context, at.value),
      );
    case "let": {
      const word = concat(gaps.token("let"), " ");
      const names = at.names.map(({ text }, i) =>
        concat(i > 0 ? concat(gaps.token(","), " ") : "", gaps.token(text)),
      );
      return concat(word, ...names, " ", formatValue(context, at.value));
    }
    case "for":
      return formatFor(context, at);
    case "repeat": {
      const head = concat(gaps.token("repeat"), " ", formatExpression(context, at.count), " ");
      return concat(head, formatBody(context, at.body));
    }
    case "expression":
      return formatExpression(context, at.expression);
  }
}

/** `= value`. */
function formatValue(context: FormatContext, at: Expression): Layout {
  return concat(context.gaps.token("="), " ", formatExpression(context, at));
}

function formatInput(context: FormatContext, at: InputStatement): Layout {
  const { gaps } = context;
  const label = concat(gaps.token("input"), " ", formatLabel(context, at.label));
  const alias = at.alias ? concat(" ", gaps.token("as"), " ", gaps.token(at.alias.text)) : "";
  const type = concat(gaps.token(":"), " ", gaps.token(at.element));
  const axes = at.shape.map((axis) => () => formatExpression(context, axis));
  const head = concat(label, alias, type, enclose(context, "[", axes, "]", { comma: false }));
  if (at.settings.length === 0) return head;
  const settings = at.settings.map((setting) => () => formatSetting(context, setting));
  return concat(head, " ", enclose(context, "{", settings, "}", { padding: line }));
}

function formatSetting(context: FormatContext, at: Setting): Layout {
  return concat(context.gaps.token(at.name.text), " ", formatValue(context, at.value));
}

function formatFor(context: FormatContext, at: ForStatement): Layout {
  const { gaps } = context;
  const word = concat(gaps.token("for"), " ");
  const names = at.names.map(
    ({ text }) =>
      () =>
        gaps.token(text),
  );
  const pattern = at.destructures
    ? enclose(context, "(", names, ")", { comma: false })
    : concat(...names.map((n) => n()));
  const list = concat(" ", gaps.token("in"), " ", formatExpression(context, at.list), " ");
  return concat(word, pattern, list, formatBody(context, at.body));
}

function formatOptimize(
  context: FormatContext,
  at: Extract<Statement, { kind: "optimize" }>,
): Layout {
  const lines = at.lines.map(
    (expression): Statement => ({ kind: "expression", expression, span: expression.span }),
  );
  const onOneLine = isOnOneLine(context, { statements: lines, span: at.span });
  return concat(context.gaps.token("optimize"), " ", formatBraces(context, lines, onOneLine));
}
