import { type Catalogue, catalogue, type MessageName } from "./catalogue/index.js";
import type { Diagnostic, Note, Span } from "./diagnostic.js";
import { codeFrame, renderDiagnostic } from "./render.js";

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

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n\n"));
    this.diagnostics = diagnostics;
  }
}

/** A broken invariant: a bug in the compiler, never the user's mistake. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** Collects what is to be said about one compilation; the stages share one. */
export class Report {
  readonly #sources = new Map<string, string>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  /** Makes a file's text known, so that frames can be drawn from it. */
  addSource(file: string, text: string): void {
    this.#sources.set(file, text);
  }

  sourceOf(file: string): string | undefined {
    return this.#sources.get(file);
  }

  /** Records a message of the catalogue; the same message at the same place is recorded once. */
  add<K extends MessageName>(name: K, details: DetailsOf<K>, place: Place = {}): void {
    const entry = catalogue[name];
    const message = (entry.message as (details: DetailsOf<K>) => string)(details);
    const { span, notes = [] } = place;
    const hint = place.hint ?? (entry.hint as ((d: DetailsOf<K>) => string | undefined) | undefined)?.(details);
    const key = `${name}|${span?.file}|${span?.start}|${span?.end}|${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#diagnostics.push({
      code: entry.code,
      name,
      severity: entry.severity,
      message,
      ...(span ? { span } : {}),
      ...(hint ? { hint } : {}),
      notes,
      frame: span ? codeFrame(this.#sources.get(span.file), span) : "",
    });
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some((diagnostic) => diagnostic.severity === "error");
  }

  /** The border of a stage: throws when it, or one before it, met an error. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new CompileError(this.#diagnostics);
  }
}
