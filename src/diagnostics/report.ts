import { type Catalogue, catalogue, type MessageName } from "./catalogue/index.js";
import type { Diagnostic, Note, Severity, Span } from "./diagnostic.js";
import { codeFrame } from "./frame.js";
import { Lines, type Position } from "./position.js";
import { renderDiagnostics } from "./render.js";

/** What a message is about: its place, and what else is known. */
export interface Place {
  readonly span?: Span | undefined;
  readonly hint?: string | undefined;
  readonly notes?: readonly Note[] | undefined;
}

/** The values that a message's wording wants. */
export type DetailsOf<K extends MessageName> = Parameters<Catalogue[K]["message"]>[0];

/** Thrown at the border of a stage that met errors; carries everything that was reported. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], omitted = 0) {
    super(renderDiagnostics(diagnostics, omitted));
    this.diagnostics = diagnostics;
  }
}

/** A broken invariant: a bug in the compiler, never the user's mistake. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** How many errors, and how many other diagnostics, one report keeps. */
const mostKept = 100;

/** Collects what is to be said about one compilation; the stages share one. */
export class Report {
  readonly #sources = new Map<string, Lines>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  readonly #counts = { error: 0, other: 0 };
  #omitted = 0;
  #around: Span | undefined;

  /** Makes a file's text known, so that frames can be drawn from it. */
  addSource(file: string, text: string): void {
    this.#sources.set(file, new Lines(text));
  }

  sourceOf(file: string): string | undefined {
    return this.#sources.get(file)?.text;
  }

  /** Where a span begins, as line and column, when its file's text is known. */
  positionOf(span: Span): Position | undefined {
    return this.#sources.get(span.file)?.positionAt(span.start);
  }

  /**
   * Records a message of the catalogue; the same message at the same place is recorded once, and
   * after a hundred of them only their number.
   */
  add<K extends MessageName>(name: K, details: DetailsOf<K>, place: Place = {}): void {
    const entry = catalogue[name];
    const message = (entry.message as (details: DetailsOf<K>) => string)(details);
    const hintOf = entry.hint as ((details: DetailsOf<K>) => string | undefined) | undefined;
    const hint = place.hint ?? hintOf?.(details);
    const { span = this.#around, notes = [] } = place;
    if (
      !this.#isNew(`${name}|${span?.file}|${span?.start}|${span?.end}|${message}`, entry.severity)
    ) {
      return;
    }
    this.#diagnostics.push({
      code: entry.code,
      name,
      severity: entry.severity,
      message,
      ...(hint ? { hint } : {}),
      notes: notes.map((note) => ({ ...note, ...this.#locate(note.span) })),
      frame: "",
      ...this.#locate(span),
    });
  }

  /** Runs a stage that does not report in the order of the text, and puts its messages into it. */
  sorted<T>(run: () => T): T {
    const first = this.#diagnostics.length;
    const result = run();
    const added = this.#diagnostics.splice(first);
    added.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
    this.#diagnostics.push(...added);
    return result;
  }

  /** Runs what reads a file that a statement names: messages without a place of their own get its place. */
  around<T>(span: Span | undefined, run: () => T): T {
    const outer = this.#around;
    this.#around = span;
    try {
      return run();
    } finally {
      this.#around = outer;
    }
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** How many diagnostics were met beyond those that are kept. */
  get omitted(): number {
    return this.#omitted;
  }

  get hasErrors(): boolean {
    return this.#counts.error > 0;
  }

  /** The border of a stage: throws when it, or one before it, met an error. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new CompileError(this.#diagnostics, this.#omitted);
  }

  #isNew(key: string, severity: Severity): boolean {
    if (this.#seen.has(key)) return false;
    const kind = severity === "error" ? "error" : "other";
    if (this.#counts[kind] >= mostKept) {
      this.#omitted++;
      return false;
    }
    this.#seen.add(key);
    this.#counts[kind]++;
    return true;
  }

  #locate(span: Span | undefined): Partial<Pick<Diagnostic, "span" | "position" | "frame">> {
    if (!span) return {};
    const lines = this.#sources.get(span.file);
    if (!lines) return { span };
    return { span, position: lines.positionAt(span.start), frame: codeFrame(lines, span) };
  }
}
