import type { Span } from "./diagnostic.js";
import type { Lines } from "./position.js";
import { visibleLine } from "./visible.js";

/** Source lines longer than this are shown around their span only. */
const widest = 100;

/** How much of a clipped line stands before the span. */
const lead = 40;

/** The underlined part of one line, as columns from 0, end exclusive. */
interface Underline {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** The source lines of a span with the span underlined; of a long span the first and last line. */
export function codeFrame(lines: Lines, span: Span): string {
  const first = lines.lineAt(span.start);
  const last = Math.max(first, lines.lineAt(Math.max(span.start, span.end - 1)));
  const gutter = String(last).length;
  const shown = last === first ? [first] : [first, last];
  const rows: string[] = [];
  for (const line of shown) {
    if (line === last && last > first + 1) rows.push(`${" ".repeat(gutter)} ...`);
    const [source, marks] = clip(lines.textOf(line), underline(lines, span, line, first, last));
    rows.push(`${String(line).padStart(gutter)} | ${source}`.trimEnd());
    rows.push(`${" ".repeat(gutter)} | ${marks}`);
  }
  return rows.join("\n");
}

/** What of a line the span covers: from its first character that is not blank when it goes on. */
function underline(lines: Lines, span: Span, line: number, first: number, last: number): Underline {
  const text = lines.textOf(line);
  const start = lines.startOf(line);
  const indent = text.length - text.trimStart().length;
  const from = Math.max(0, line === first ? span.start - start : indent);
  const to = line === last ? span.end - start : text.trimEnd().length;
  return { line, from: Math.min(from, text.length), to: Math.min(to, text.length) };
}

/** A line and its marks, cut to the part around the marks when it is too long. */
function clip(text: string, { from, to }: Underline): [string, string] {
  const start = text.length <= widest || from < widest - lead ? 0 : from - lead;
  const end = Math.min(text.length, start + widest);
  const before = start > 0 ? "…" : "";
  const after = end < text.length ? "…" : "";
  const source = visibleLine(`${before}${text.slice(start + before.length, end)}${after}`);
  const width = Math.max(1, Math.min(to, end) - from);
  return [source, " ".repeat(from - start) + "^".repeat(width)];
}
