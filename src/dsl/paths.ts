import type { Span } from "../diagnostics/diagnostic.js";
import { type Datum, unknown } from "./values.js";

/** A labelled or numbered stage: where it was written and, once expanded, what it made. */
export interface Stage {
  readonly path: string;
  readonly span: Span;
  result: Datum;
}

/** The stages of a model by parameter path. */
export class Stages {
  readonly #stages = new Map<string, Stage>();

  find(path: string): Stage | undefined {
    return this.#stages.get(path);
  }

  get paths(): Iterable<string> {
    return this.#stages.keys();
  }

  /** Takes a path for a stage; the stage that has it already, if one does. */
  add(path: string, span: Span): { stage: Stage; first: Stage | undefined } {
    const first = this.#stages.get(path);
    const stage: Stage = { path, span, result: unknown };
    if (!first) this.#stages.set(path, stage);
    return { stage, first };
  }
}

/** Where stages get their names: a prefix, and the number of the next stage without a label. */
export class PathScope {
  #next = 0;

  constructor(readonly prefix: string) {}

  /** The path of a stage with a label. */
  labelled(label: string): string {
    return this.prefix === "" ? label : `${this.prefix}.${label}`;
  }

  /** The path of the next stage without one. */
  numbered(): string {
    return this.labelled(String(this.#next++));
  }
}
