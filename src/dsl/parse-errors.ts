import type { IRecognitionException, IToken, TokenType } from "chevrotain";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Report } from "../diagnostics/report.js";
import { spanOfToken } from "./cst.js";
import { describeToken } from "./read-tokens.js";
import * as t from "./tokens.js";

/** What the parser read, and where not to trust it. */
export interface ParsedText {
  readonly file: string;
  readonly end: number;
  /** What ends the text, as a message names it. */
  readonly endName: string;
  readonly tokens: readonly IToken[];
  readonly doubtful: readonly { readonly start: number; readonly end: number }[];
}

/** One thing that the parser met, with what stands around it. */
interface Complaint {
  readonly rule: string;
  readonly expected: string;
  readonly token: IToken;
  readonly previous: IToken | undefined;
  /** The token's index; the number of tokens at the end. */
  readonly index: number;
  readonly found: string;
  readonly span: Span;
}

/**
 * Says what the parser met, in the catalogue's words: at most once a line, because what follows a
 * mistake on its line is mostly its consequence.
 */
export function reportParseErrors(
  read: ParsedText,
  errors: readonly IRecognitionException[],
  report: Report,
): void {
  if (errors.length === 0) return;
  const told = linesTold(read.file, report);
  const indices = new Map(read.tokens.map((token, i) => [token, i]));
  let reported = false;
  for (const error of errors) {
    const index = indices.get(error.token) ?? read.tokens.length;
    const complaint = complaintOf(read, error, index);
    const atEnd = index === read.tokens.length;
    const line = report.positionOf(complaint.span)?.line ?? 0;
    if (isConsequence(read, complaint) || told.has(line) || (atEnd && reported)) continue;
    told.add(line);
    reported = true;
    tell(read, complaint, report);
  }
}

/** The lines of a file that something was said about already. */
function linesTold(file: string, report: Report): Set<number> {
  const told = new Set<number>();
  for (const { span, position, name } of report.diagnostics) {
    if (span?.file === file && position && name !== "bad-number") told.add(position.line);
  }
  return told;
}

function complaintOf(read: ParsedText, error: IRecognitionException, index: number): Complaint {
  const { token } = error;
  const atEnd = index === read.tokens.length;
  const isLeftOver = error.name === "NotAllInputParsedException";
  return {
    rule: error.context.ruleStack.at(-1) ?? "",
    expected: isLeftOver ? `an operator or ${read.endName}` : error.message,
    token,
    previous: read.tokens[index - 1],
    index,
    found: atEnd ? read.endName : describeToken(token),
    span: atEnd
      ? { file: read.file, start: read.end, end: read.end }
      : spanOfToken(read.file, token),
  };
}

/** Whether an earlier error explains this one: made-up brackets, or a parser that lost its way. */
function isConsequence(read: ParsedText, { token, index, span, rule }: Complaint): boolean {
  if (index < read.tokens.length && token.image === "") return true;
  if (read.doubtful.some(({ start, end }) => span.start > start && span.start < end)) return true;
  return rule === "file" && depthAt(read.tokens, index) > 0;
}

function depthAt(tokens: readonly IToken[], index: number): number {
  let depth = 0;
  for (let i = 0; i < index; i++) depth += t.nesting(tokens[i]!.tokenType);
  return depth;
}

function tell(read: ParsedText, complaint: Complaint, report: Report): void {
  const { rule, token, previous, found, span } = complaint;
  const operator = t.isOperator(token.tokenType) ? token.image : undefined;
  if (operator && followsPipeline(read.tokens, complaint.index)) {
    report.add("pipeline-operand", { operator }, { span });
  } else if (previous?.tokenType === t.Arrow) {
    report.add("stage-expected", { found }, { span });
  } else if (rule === "file" || rule === "item") {
    report.add("outside-definition", { found }, { span });
  } else if (wantsName(complaint) && nameProblem(complaint, report)) {
    return;
  } else if (lacksArrow(complaint)) {
    report.add("missing-arrow", { expected: expectation(complaint), found }, { span });
  } else {
    const hint = hintFor(complaint);
    report.add("unexpected-token", { expected: expectation(complaint), found }, { span, hint });
  }
}

/** Whether a name is expected, be it that the construct may also end here. */
function wantsName({ rule, expected, previous }: Complaint): boolean {
  if (expected === "a name") return true;
  return rule === "parameters" && previous?.tokenType !== t.Identifier;
}

const roles: Readonly<Record<string, string>> = {
  definition: "the name of a block or model",
  parameter: "the name of a parameter",
  parameters: "the name of a parameter",
  constStatement: "the name of a constant",
  letStatement: "the name of a value",
  pattern: "the name of an element",
  inputStatement: "the name after 'as'",
  setting: "the name of a setting",
};

const needsName = new Map<TokenType, string>([
  [t.Const, "a constant"],
  [t.Let, "a value"],
  [t.Block, "a block"],
  [t.Model, "a model"],
]);

/** Reports why a token is not the name that was expected; false when there is no more to say. */
function nameProblem({ rule, token, previous, found, span }: Complaint, report: Report): boolean {
  if (rule !== "operand" && t.keywordTexts.has(token.image)) {
    report.add("reserved-word", { word: token.image, role: roles[rule] ?? "a name" }, { span });
    return true;
  }
  const what = previous && needsName.get(previous.tokenType);
  if (what) report.add("missing-name", { what, found }, { span });
  return what !== undefined;
}

/** What a construct may go on with, where the parser names its end only. */
const continuations: Readonly<Record<string, string>> = {
  body: "a statement or '}'",
  optimizeStatement: "an expression or '}'",
  settings: "',' or '}'",
  arguments: "',' or ')'",
  parameters: "',' or ')'",
  tuple: "',' or ')'",
  pattern: "',' or ')'",
  list: "',' or ']'",
  type: "',' or ']'",
};

const isCloser = (expected: string): boolean => ["'}'", "')'", "']'"].includes(expected);

function expectation({ rule, expected, previous }: Complaint): string {
  if (rule === "operand" && expected === "a name") return "the name of an attribute";
  if (rule === "stage" && previous?.tokenType !== t.Colon) return "a stage or a value";
  const goesOn = continuations[rule];
  if (!goesOn || !isCloser(expected)) return expected;
  const begins = previous?.tokenType === t.Comma || t.isOpener(previous?.tokenType);
  return begins && rule !== "body" ? `an element or ${expected}` : goesOn;
}

/** `conv(3) relu` where one expression must stand. */
function lacksArrow({ rule, token, previous, expected }: Complaint): boolean {
  if (!["arguments", "tuple", "list", "residual"].includes(rule) || !isCloser(expected))
    return false;
  const endsStage = previous !== undefined && t.mayEndStage(previous.tokenType);
  return endsStage && t.mayBeginStage(token.tokenType);
}

/** Whether the token at an index stands right after a `a -> b`, where an operator cannot. */
function followsPipeline(tokens: readonly IToken[], index: number): boolean {
  let depth = 0;
  for (let i = index - 1; i >= 0; i--) {
    const { tokenType } = tokens[i]!;
    depth -= t.nesting(tokenType);
    if (depth < 0) return false;
    if (depth > 0) continue;
    if (tokenType === t.Arrow) return true;
    if (tokenType === t.Comma || tokenType === t.Semicolon) return false;
  }
  return false;
}

function hintFor({ token, previous, rule }: Complaint): string | undefined {
  if (token.tokenType === t.Dot || (previous?.tokenType === t.Dot && t.isNumber(token.tokenType))) {
    return "a number has digits on both sides of its dot: 0.5";
  }
  if (token.tokenType === t.Else) return "'else' stands right after the '}' of its 'if'";
  if (rule === "repeatStatement") return "write 'repeat 3 { … }'";
  if (rule === "forStatement") return "write 'for i in 0..3 { … }'";
  return undefined;
}
