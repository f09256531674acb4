import type { Diagnostic, Note, Severity, Span } from "./diagnostic.js";
import type { Position } from "./position.js";
import { visible } from "./visible.js";

/** How parts of a message are painted; each function returns its text in a colour or as it is. */
export interface Palette {
  readonly severity: Readonly<Record<Severity, (text: string) => string>>;
  /** The sentence that says what is wrong. */
  strong(text: string): string;
  /** Line numbers, arrows and labels. */
  faint(text: string): string;
}

const same = (text: string): string => text;

/** No colours. */
export const plain: Palette = {
  severity: { error: same, warning: same, info: same },
  strong: same,
  faint: same,
};

/** A diagnostic as text that is safe to print: message, place, frame, hint, notes. */
export function renderDiagnostic(diagnostic: Diagnostic, palette: Palette = plain): string {
  const { code, severity, message, hint, notes } = diagnostic;
  const title = palette.severity[severity](`${severity} ${code}`);
  const parts = [`${title}: ${palette.strong(paragraph(message))}`, ...where(diagnostic, palette)];
  if (hint) parts.push(`${palette.faint("  hint:")} ${paragraph(hint)}`);
  for (const note of notes) parts.push(...renderNote(note, palette));
  return parts.join("\n");
}

/** Several diagnostics one under another, and how many more there were. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  omitted = 0,
  palette: Palette = plain,
): string {
  const parts = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, palette));
  if (omitted > 0) parts.push(`… and ${omitted} more`);
  return parts.join("\n\n");
}

function renderNote(note: Note, palette: Palette): string[] {
  return [`${palette.faint("  note:")} ${paragraph(note.message)}`, ...where(note, palette)];
}

interface Placed {
  readonly span?: Span;
  readonly position?: Position;
  readonly frame?: string;
}

function where({ span, position, frame }: Placed, palette: Palette): string[] {
  if (!span) return [];
  const place = position ? `:${position.line}:${position.column}` : "";
  const arrow = `${palette.faint("  -->")} ${visible(span.file)}${place}`;
  return frame ? [arrow, ...paintFrame(frame, palette)] : [arrow];
}

function paintFrame(frame: string, palette: Palette): string[] {
  return frame.split("\n").map((row) => {
    const bar = row.indexOf("|") + 1;
    const rest = row.slice(bar);
    const isMarks = /^ *\d* \| *\^+$/.test(row) && !/^ *\d/.test(row);
    return palette.faint(row.slice(0, bar)) + (isMarks ? palette.strong(rest) : rest);
  });
}

/** Lines of a message after the first are set in. */
function paragraph(text: string): string {
  return text.split("\n").map(visible).join("\n  ");
}
