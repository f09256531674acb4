import type { Span } from "../diagnostics/diagnostic.js";
import type { Report } from "../diagnostics/report.js";
import type { Expression } from "./ast.js";

/** What the builders of the tree share. */
export interface BuildContext {
  readonly file: string;
  readonly report: Report;
  /** Parses the part of the text between a label's braces. */
  parseInterpolation(span: Span): Expression | undefined;
}
