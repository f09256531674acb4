import type { Diagnostic, Span } from "./diagnostic.js";

/** The source lines of a span with the span underlined; empty when the text is not known. */
export function codeFrame(text: string | undefined, span: Span): string {
  if (text === undefined) return "";
  const before = text.slice(0, span.start);
  const line = before.split("\n").length;
  const start = before.lastIndexOf("\n") + 1;
  const end = text.indexOf("\n", span.start);
  const source = text.slice(start, end < 0 ? text.length : end);
  const gutter = String(line);
  const width = Math.max(1, Math.min(span.end, start + source.length) - span.start);
  const blank = " ".repeat(gutter.length);
  return `${gutter} | ${source}\n${blank} | ${" ".repeat(span.start - start)}${"^".repeat(width)}`;
}

/** A diagnostic as plain text: place, code, message, frame, notes, hint. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { code, severity, message, span, frame, hint, notes } = diagnostic;
  const lines = [`${severity} ${code}: ${message}`];
  if (span) lines.push(`  --> ${span.file}:${span.start}`);
  if (frame) lines.push(frame);
  for (const note of notes) lines.push(`  note: ${note.message}`);
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join("\n");
}
