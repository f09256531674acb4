import type { CstNode, IToken } from "chevrotain";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Report } from "../diagnostics/report.js";
import type { Expression, SourceFile } from "./ast.js";
import { balanceBrackets } from "./brackets.js";
import { buildSourceFile } from "./build-ast.js";
import type { BuildContext } from "./build-ast-context.js";
import { buildExpression } from "./build-ast-expression.js";
import { node } from "./cst.js";
import { CnnParser } from "./grammar.js";
import { maxSourceBytes } from "./limits.js";
import { reportParseErrors } from "./parse-errors.js";
import { readTokens } from "./read-tokens.js";
import { checkDepth } from "./source-depth.js";

let parser: CnnParser | undefined;

/**
 * Parses a `.cnn` file. Mistakes go to the report, several in one run; the tree holds what could be
 * understood, and is complete when the report got no error.
 */
export function parse(file: string, text: string, report: Report): SourceFile {
  const empty: SourceFile = {
    file,
    items: [],
    comments: [],
    span: { file, start: 0, end: text.length },
  };
  if (isTooLarge(text)) {
    report.add("source-too-large", { limit: maxSourceBytes }, { span: { file, start: 0, end: 0 } });
    return empty;
  }
  report.addSource(file, text);
  return report.sorted(() => parseText(file, text, report)) ?? empty;
}

function parseText(file: string, text: string, report: Report): SourceFile | undefined {
  const stream = readTokens({ file, text, offset: 0 }, report);
  if (!stream) return undefined;
  const end = { offset: text.length, name: "the end of the file" };
  const tree = runParser(file, stream.tokens, end, report, (p) => p.file());
  if (!tree) return undefined;
  const context: BuildContext = {
    file,
    report,
    parseInterpolation: (span) => parseInterpolation(context, text, span),
  };
  const source = buildSourceFile(context, tree, stream.comments, text.length);
  return checkDepth(source, report) ? source : undefined;
}

/** Parses the expression between the braces of a label. */
function parseInterpolation(
  context: BuildContext,
  text: string,
  span: Span,
): Expression | undefined {
  const { file, report } = context;
  const { start, end } = span;
  const stream = readTokens({ file, text: text.slice(start, end), offset: start }, report);
  const tree =
    stream &&
    runParser(file, stream.tokens, { offset: end, name: "'}'" }, report, (p) => p.interpolation());
  return tree && buildExpression(context, node(tree, "expression"));
}

function runParser(
  file: string,
  tokens: readonly IToken[],
  end: { readonly offset: number; readonly name: string },
  report: Report,
  rule: (parser: CnnParser) => CstNode,
): CstNode | undefined {
  const balanced = balanceBrackets(file, tokens, end.offset, report);
  if (!balanced) return undefined;
  parser ??= new CnnParser();
  parser.input = balanced.tokens;
  const tree = rule(parser);
  reportParseErrors(
    { file, end: end.offset, endName: end.name, ...balanced },
    parser.errors,
    report,
  );
  return tree;
}

function isTooLarge(text: string): boolean {
  if (text.length * 3 <= maxSourceBytes) return false;
  return text.length > maxSourceBytes || new TextEncoder().encode(text).length > maxSourceBytes;
}
