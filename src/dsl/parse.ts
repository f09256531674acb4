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
import { readTokens, type TextPart } from "./read-tokens.js";
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
  const part = { file, text, offset: 0 };
  const parsed = parsePart(part, { endName: "the end of the file", rule: (p) => p.file() }, report);
  if (!parsed) return undefined;
  const source = buildSourceFile(parsed.context, parsed.tree, parsed.comments, text.length);
  return checkDepth(source, report) ? source : undefined;
}

/** How a part of a text is read. */
export interface PartReading {
  /** What ends the part, as a message names it. */
  readonly endName: string;
  readonly rule: (parser: CnnParser) => CstNode;
  /** The tokens that the parser gets, from those that stand there with all brackets paired. */
  readonly revise?: (tokens: IToken[]) => IToken[];
}

/** A part's parse tree, and what a syntax tree is built of it with. */
export interface ParsedPart {
  readonly tree: CstNode;
  readonly context: BuildContext;
  readonly comments: readonly IToken[];
}

/** Parses a part of a text whose whole the report knows; places are those in the whole. */
export function parsePart(
  part: TextPart,
  { endName, rule, revise }: PartReading,
  report: Report,
): ParsedPart | undefined {
  const { file, text, offset } = part;
  const stream = readTokens(part, report);
  if (!stream) return undefined;
  const end = { offset: offset + text.length, name: endName };
  const tree = runParser(file, stream.tokens, end, report, rule, revise);
  if (!tree) return undefined;
  const context: BuildContext = {
    file,
    report,
    parseInterpolation: (span) => parseInterpolation(context, part, span),
  };
  return { tree, context, comments: stream.comments };
}

/** Parses the expression between the braces of a label. */
function parseInterpolation(
  context: BuildContext,
  { text, offset }: TextPart,
  span: Span,
): Expression | undefined {
  const { file, report } = context;
  const { start, end } = span;
  const inner = text.slice(start - offset, end - offset);
  const stream = readTokens({ file, text: inner, offset: start }, report);
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
  revise = (balanced: IToken[]): IToken[] => balanced,
): CstNode | undefined {
  const balanced = balanceBrackets(file, tokens, end.offset, report);
  if (!balanced) return undefined;
  parser ??= new CnnParser();
  const revised = revise(balanced.tokens);
  parser.input = revised;
  const tree = rule(parser);
  const { doubtful } = balanced;
  const read = { file, end: end.offset, endName: end.name, tokens: revised, doubtful };
  reportParseErrors(read, parser.errors, report);
  return tree;
}

function isTooLarge(text: string): boolean {
  if (text.length * 3 <= maxSourceBytes) return false;
  return text.length > maxSourceBytes || new TextEncoder().encode(text).length > maxSourceBytes;
}
