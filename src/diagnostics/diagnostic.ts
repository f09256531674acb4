import type { Position } from "./position.js";

/** A stretch of one source file, as offsets into its text (UTF-16 units, end exclusive). */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Severity = "error" | "warning" | "info";

/** A second place that explains the first: where a name was defined, which call led here. */
export interface Note {
  readonly message: string;
  readonly span?: Span;
  /** The span's beginning, where the text is known; the report fills it in. */
  readonly position?: Position;
  /** Source lines with the span underlined, where the text is known; the report fills it in. */
  readonly frame?: string;
}

/** One thing that a person should know about their input. */
export interface Diagnostic {
  /** Stable code, `CNN` and three digits; the hundreds tell the family. */
  readonly code: string;
  /** The same code in words, kebab-case. */
  readonly name: string;
  readonly severity: Severity;
  /** One sentence with the actual names and shapes in it. */
  readonly message: string;
  readonly span?: Span;
  /** The span's beginning as line and column, where the text is known. */
  readonly position?: Position;
  /** What to write instead, where it is known. */
  readonly hint?: string;
  /** The call chain, first definitions, and other related places. */
  readonly notes: readonly Note[];
  /** Source lines with the span underlined; empty without a span. */
  readonly frame: string;
}
