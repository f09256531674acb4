import { Report } from "../diagnostics/report.js";
import type { DefinitionItem, Item, Parameter, SourceFile } from "./ast.js";
import type { FormatContext } from "./format-context.js";
import { formatExpression, formatText } from "./format-expression.js";
import { Gaps } from "./format-gaps.js";
import { blankLine, concat, hardLine, type Layout, render } from "./format-layout.js";
import { enclose } from "./format-sequence.js";
import { formatBody, formatStatement } from "./format-statement.js";
import { parse } from "./parse.js";

/** How often a text is laid out again at most; each time one more body may have been broken. */
const mostRounds = 8;

/**
 * A file's canonical text: its tokens with canonical spaces, all comments kept. Formatting twice
 * changes nothing, and the formatted text has the same tree. The file must be free of syntax errors.
 */
export function format(source: SourceFile, text: string): string {
  let current = layOut(source, { gaps: new Gaps(text, source.comments), text });
  for (let round = 1; round < mostRounds; round++) {
    // A body that had to be broken changes what fits around it.
    const again = parse(source.file, current, new Report());
    const next = layOut(again, { gaps: new Gaps(current, again.comments), text: current });
    if (next === current) break;
    current = next;
  }
  return current;
}

/**
 * The text of a tree that was not parsed, such as a builder's. Weights that were handed over as tensors
 * are no text: their line is left out. Throws a CompileError where the text would be beyond the limits.
 */
export function print(source: SourceFile): string {
  const written = { ...source, items: source.items.map(withoutTensors) };
  const text = layOut(written, { gaps: new Gaps("", []), text: undefined });
  const report = new Report();
  const read = parse(source.file, text, report);
  report.throwIfErrors();
  return format(read, text);
}

function withoutTensors(item: Item): Item {
  if (item.kind !== "model") return item;
  const statements = item.body.statements.filter(
    (statement) => statement.kind !== "weights" || !statement.tensors,
  );
  return { ...item, body: { ...item.body, statements } };
}

function layOut(source: SourceFile, context: FormatContext): string {
  const { gaps } = context;
  const parts: Layout[] = [];
  for (const [i, item] of source.items.entries()) {
    if (i > 0) parts.push(isApart(context, item) ? blankLine : hardLine);
    parts.push(formatItem(context, item), gaps.skipped());
  }
  const text = render(concat(...parts, ...gaps.beforeCloser()));
  return text.replace(/^\n+/, "");
}

/** Whether an empty line stands before an item; without a source, before blocks and models. */
function isApart({ gaps, text }: FormatContext, item: Item): boolean {
  return text === undefined ? item.kind === "block" || item.kind === "model" : gaps.blankBefore;
}

function formatItem(context: FormatContext, at: Item): Layout {
  if (at.kind === "const") return formatStatement(context, at);
  if (at.kind === "import") {
    return concat(context.gaps.token("import"), " ", formatText(context, at.path));
  }
  return formatDefinition(context, at);
}

function formatDefinition(context: FormatContext, at: DefinitionItem): Layout {
  const { gaps } = context;
  const head = concat(gaps.token(at.kind), " ", gaps.token(at.name.text));
  const parameters = at.parameters.map((parameter) => () => formatParameter(context, parameter));
  const hasList = parameters.length > 0;
  const list = hasList ? enclose(context, "(", parameters, ")") : "";
  return concat(head, list, " ", formatBody(context, at.body));
}

function formatParameter(context: FormatContext, at: Parameter): Layout {
  const name = context.gaps.token(at.name.text);
  if (!at.default) return name;
  return concat(name, " ", context.gaps.token("="), " ", formatExpression(context, at.default));
}
