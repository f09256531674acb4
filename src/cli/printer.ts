import { relative } from "node:path";
import pc from "picocolors";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { type Palette, plain, renderDiagnostics } from "../diagnostics/render.js";
import type { LoadedModel } from "../runtime/model.js";
import type { Io, TextStream } from "./io.js";

/** Colours for one stream: only on a terminal that has them and where they are wanted. */
export function coloursFor(stream: TextStream, env: Io["env"]): ReturnType<typeof pc.createColors> {
  return pc.createColors(stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb");
}

/** Says what a command has to say: results to stdout, all else to stderr. */
export class Printer {
  readonly #palette: Palette;
  readonly #start = performance.now();
  #status = "";

  constructor(private readonly io: Io) {
    const colours = coloursFor(io.stderr, io.env);
    this.#palette = {
      ...plain,
      severity: {
        error: (text) => colours.bold(colours.red(text)),
        warning: (text) => colours.bold(colours.yellow(text)),
        info: (text) => colours.bold(colours.cyan(text)),
      },
      strong: colours.bold,
      faint: colours.dim,
    };
  }

  /** A result. */
  line(text = ""): void {
    this.clear();
    this.io.stdout.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, undefined, 2));
  }

  /** What is not the result: notes, warnings, errors. */
  note(text: string): void {
    this.clear();
    this.io.stderr.write(`${text}\n`);
  }

  /** Why a model does not use as many threads as it was loaded for. */
  threads({ threads, threadsReason }: Pick<LoadedModel, "threads" | "threadsReason">): void {
    if (threadsReason === undefined) return;
    const used = threads === 1 ? "one thread is used" : `${threads} threads are used`;
    this.note(`${used}: ${threadsReason}`);
  }

  diagnostics(diagnostics: readonly Diagnostic[], omitted = 0): void {
    if (diagnostics.length === 0) return;
    this.note(renderDiagnostics(diagnostics.map(nearby), omitted, this.#palette));
  }

  /** What goes on now: a line on a terminal that the next text replaces. */
  status(text: string): void {
    if (this.io.stderr.isTTY !== true) return;
    this.clear();
    const seconds = (performance.now() - this.#start) / 1000;
    this.#status = seconds > 1 ? `${text} (${seconds.toFixed(0)} s)` : text;
    this.io.stderr.write(this.#status);
  }

  clear(): void {
    if (this.#status === "") return;
    this.io.stderr.write("\r\u001b[K");
    this.#status = "";
  }
}

/** Paths as seen from the working folder. */
function nearby(diagnostic: Diagnostic): Diagnostic {
  const place = <T extends { readonly span?: Span }>(at: T): T =>
    at.span ? { ...at, span: { ...at.span, file: shortPath(at.span.file) } } : at;
  return { ...place(diagnostic), notes: diagnostic.notes.map(place) };
}

/** A path from the working folder where that is shorter. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && short.length < path.length ? short : path;
}
