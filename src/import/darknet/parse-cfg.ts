import type { Span } from "../../diagnostics/diagnostic.js";
import type { Report } from "../../diagnostics/report.js";

/** One `key=value` of a section. */
export interface Entry {
  readonly value: string;
  readonly span: Span;
}

/** A `[section]` with its options. */
export interface Section {
  /** With brackets, in which messages show it: `[convolutional]`. */
  readonly type: string;
  readonly span: Span;
  /** Counted from 1. */
  readonly line: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

/**
 * The sections of a `.cfg` text, as Darknet reads it: blanks count for nothing, lines that begin with
 * `#` or `;` are comments, and of a key that stands twice the first counts. What follows a `#` in a
 * value is a comment too.
 */
export function parseCfg(file: string, text: string, report: Report): readonly Section[] {
  const sections: (Section & { readonly entries: Map<string, Entry> })[] = [];
  let start = 0;
  for (const [at, raw] of text.split("\n").entries()) {
    const span = spanOf(file, raw, start);
    start += raw.length + 1;
    const line = raw.replace(/[\s\ufeff]/g, "");
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.startsWith("[")) {
      const type = line.replace(/\].*$/, "]");
      sections.push({ type, span, line: at + 1, entries: new Map() });
      continue;
    }
    const section = sections.at(-1);
    const equals = line.indexOf("=");
    const [key, value] = [line.slice(0, equals), line.slice(equals + 1).replace(/#.*$/, "")];
    if (!section || equals < 1)
      report.add("cfg-line-unreadable", { text: shortened(raw) }, { span });
    else addEntry(section, key, { value, span }, report);
  }
  return sections;
}

/** The line without the blanks around it. */
function spanOf(file: string, raw: string, start: number): Span {
  const text = raw.trim();
  const from = start + raw.indexOf(text);
  return { file, start: from, end: from + text.length };
}

/** A text that fits into a message. */
export const shortened = (text: string): string =>
  text.trim().length > 60 ? `${text.trim().slice(0, 60)}…` : text.trim();

function addEntry(
  section: { readonly type: string; readonly entries: Map<string, Entry> },
  key: string,
  entry: Entry,
  report: Report,
): void {
  const first = section.entries.get(key);
  if (!first) section.entries.set(key, entry);
  else if (first.value !== entry.value) {
    const values = { first: shortened(first.value), second: shortened(entry.value) };
    const details = { section: section.type, key: shortened(key), ...values };
    const note = { message: "the first one stands here", span: first.span };
    report.add("cfg-option-repeated", details, { span: entry.span, notes: [note] });
  }
}
