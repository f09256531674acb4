import type { MessageName } from "../diagnostics/catalogue/index.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { DetailsOf, Report } from "../diagnostics/report.js";
import type { ImportItem, SourceFile } from "./ast.js";
import { decodeText } from "./decode.js";
import { Expansion } from "./expansion.js";
import { folderOf, isUnder, resolvePath } from "./file-paths.js";
import { buildModule, type Module } from "./module.js";
import type { OperatorTable } from "./operators/definition.js";
import { parse } from "./parse.js";
import { Scope } from "./scope.js";

const startOf = (file: string): Span => ({ file, start: 0, end: 0 });

/** Where files come from. */
export interface Files {
  /** A file's bytes; undefined when there is none. */
  read(path: string): Uint8Array | undefined;
  /** Imports, weights and labels stay under this folder. */
  readonly root: string;
}

/** Reads the entry file and what it imports, each once. */
export class Loader {
  readonly #modules = new Map<string, Module | "loading">();
  readonly #open: string[] = [];
  #broken = false;

  constructor(
    private readonly files: Files,
    private readonly operators: OperatorTable,
    private readonly report: Report,
  ) {}

  /** Whether a file could not be read or understood: what refers to it cannot be judged. */
  get broken(): boolean {
    return this.#broken;
  }

  #fail<K extends MessageName>(
    name: K,
    details: DetailsOf<K>,
    span?: Span,
    hint?: string,
  ): undefined {
    this.report.add(name, details, { span, hint });
    this.#broken = true;
    return undefined;
  }

  /** The path that a file named in another one has; reported when it leaves the root. */
  resolve(from: string, named: string, span: Span): string | undefined {
    const path = resolvePath(folderOf(from), named);
    if (named.includes("\0")) {
      const problem = "a path cannot hold the character U+0000";
      return this.#fail("file-unreadable", { file: named, problem }, span);
    }
    if (isUnder(this.files.root, path)) return path;
    return this.#fail("file-outside-root", { path: named, root: this.files.root }, span);
  }

  /** Reads and parses a file. */
  load(path: string, span?: Span): Module | undefined {
    const known = this.#modules.get(path);
    if (known === "loading") {
      const cycle = [...this.#open.slice(this.#open.indexOf(path)), path].join(" -> ");
      return this.#fail("import-cycle", { cycle }, span);
    }
    if (known) return known;
    const errors = this.report.diagnostics.length;
    const bytes = this.report.around(span, () => this.files.read(path));
    if (!bytes && this.report.diagnostics.length > errors) {
      this.#broken = true;
      return undefined;
    }
    if (!bytes) return this.#fail("file-not-found", { path }, span);
    const text = decodeText(bytes);
    if (typeof text !== "string") return this.#fail("invalid-utf8", text, span ?? startOf(path));
    const source = parse(path, text, this.report);
    if (this.report.diagnostics.length > errors) this.#broken = true;
    return this.define(source, path);
  }

  /** The definitions of a parsed file, imports followed. */
  define(source: SourceFile, path: string): Module {
    this.#modules.set(path, "loading");
    this.#open.push(path);
    const module = this.#build(source, path);
    this.#open.pop();
    this.#modules.set(path, module);
    return module;
  }

  #build(source: SourceFile, path: string): Module {
    const scope = new Scope();
    for (const item of source.items) if (item.kind === "import") this.#import(item, path, scope);
    const x = new Expansion(this.report, this.operators, 1, () => undefined);
    return buildModule(x, source, path, scope, this.#broken);
  }

  #import(item: ImportItem, from: string, scope: Scope): void {
    const { span } = item.path;
    const path = this.resolve(from, item.path.value, span);
    const module = path === undefined ? undefined : this.load(path, span);
    if (!module) return;
    for (const [name, binding] of module.exported) {
      const first = scope.own(name);
      if (!first) scope.bind(name, binding);
      else if (first.span.file !== binding.span.file || first.span.start !== binding.span.start) {
        const notes = [
          { message: "the first one is here", span: first.span },
          { message: "and the imported one is here", span: binding.span },
        ];
        this.report.add("name-taken", { name }, { span, notes });
      }
    }
  }
}
