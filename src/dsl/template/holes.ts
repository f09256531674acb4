import type { Span } from "../../diagnostics/diagnostic.js";
import type { Report } from "../../diagnostics/report.js";
import type { Expression, Item } from "../ast.js";
import { makeData } from "../data-syntax.js";
import { folderOf, resolvePath } from "../file-paths.js";
import { maxOpenBrackets } from "../limits.js";
import {
  type CnnSource,
  describeInterpolation,
  type Fragment,
  type Interpolation,
} from "./interpolation.js";
import { holeName, type TemplateText } from "./template-text.js";

/** An interpolation with its value. */
export interface Filled {
  readonly value: Interpolation | undefined;
  readonly span: Span;
}

/** The values of one template's interpolations, and what they bring along. */
export class Holes {
  readonly #filled = new Map<string, Filled>();
  readonly #brought = new Set<Item>();
  readonly sources: Map<string, string>;
  /** How deep brackets are nested at the deepest place. */
  depth = 0;

  constructor(
    private readonly text: TemplateText,
    values: readonly Interpolation[],
    private readonly report: Report,
  ) {
    this.sources = new Map([[text.file, text.shown]]);
    [...text.holes].forEach(([name, { start, end }], index) => {
      const span = { file: text.file, start, end };
      this.#filled.set(name, { value: values[index], span });
    });
  }

  /** Blocks and imports that interpolated templates bring into scope. */
  get brought(): readonly Item[] {
    return [...this.#brought];
  }

  /** The interpolation that a whole name or text is; undefined when it is more or none. */
  whole(text: string): Filled | undefined {
    const name = text.slice(0, 4);
    return /^_*$/.test(text.slice(4)) ? this.#filled.get(name) : undefined;
  }

  /** A text with the interpolations in it written out. */
  textOf(text: string): string {
    let written = "";
    let at = 0;
    for (const { 0: name, index } of text.matchAll(holeName)) {
      const filled = this.#filled.get(name);
      if (!filled || index < at) continue;
      written += text.slice(at, index) + this.#wordOf(filled);
      const length = filled.span.end - filled.span.start;
      at = index + name.length;
      while (text[at] === "_" && at < index + length) at++;
    }
    return written + text.slice(at);
  }

  #wordOf(filled: Filled): string {
    const { value } = filled;
    if (typeof value === "string") return value;
    if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
      return String(value);
    }
    this.fail(filled, "inside of a text or a name there can be a string, a number or a boolean");
    return "";
  }

  /** Data as an expression. */
  data({ value, span }: Filled): Expression | undefined {
    return makeData(value, span);
  }

  /** Takes in the blocks of another template; paths in them stay relative to its own file. */
  bring(source: CnnSource): void {
    for (const [file, text] of source.sources ?? []) this.sources.set(file, text);
    const isElsewhere = folderOf(source.file) !== folderOf(this.text.path);
    for (const item of source.items) {
      this.#brought.add(item.kind === "import" && isElsewhere ? moved(item, source.file) : item);
    }
  }

  /** Takes in stages that stand so many brackets deep; undefined when that is too deep. */
  take({ fragment }: CnnSource, filled: Filled, depth: number): Fragment | undefined {
    if (!fragment) return undefined;
    this.reach(depth + fragment.depth);
    if (depth + fragment.depth <= maxOpenBrackets) return fragment;
    this.report.add("too-many-open-brackets", { limit: maxOpenBrackets }, { span: filled.span });
    return undefined;
  }

  /** Notes that brackets are nested so deep. */
  reach(depth: number): void {
    this.depth = Math.max(this.depth, depth);
  }

  /** Reports that a value cannot stand where it was put. */
  fail({ value, span }: Filled, wanted: string): void {
    const actual = describeInterpolation(value);
    this.report.add("interpolation-unfit", { actual, wanted }, { span });
  }
}

function moved(item: Extract<Item, { kind: "import" }>, file: string): Item {
  const value = resolvePath(folderOf(file), item.path.value);
  return { ...item, path: { ...item.path, value } };
}
