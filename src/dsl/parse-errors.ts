import type { IRecognitionException, IToken } from "chevrotain";
import type { Report } from "../diagnostics/report.js";
import { spanOfToken } from "./cst.js";
import { describeToken } from "./read-tokens.js";

/** What the parser read, and where not to trust it. */
export interface ParsedText {
  readonly file: string;
  readonly end: number;
  readonly tokens: readonly IToken[];
  readonly doubtful: readonly { readonly start: number; readonly end: number }[];
}

/** Says what the parser met, in the catalogue's words; at most once a line. */
export function reportParseErrors(
  read: ParsedText,
  errors: readonly IRecognitionException[],
  report: Report,
): void {
  for (const error of errors) {
    const { token } = error;
    const span = Number.isNaN(token.startOffset)
      ? { file: read.file, start: read.end, end: read.end }
      : spanOfToken(read.file, token);
    if (read.doubtful.some(({ start, end }) => span.start >= start && span.start <= end)) continue;
    report.add(
      "unexpected-token",
      { expected: error.message, found: describeToken(token) },
      { span },
    );
  }
}
