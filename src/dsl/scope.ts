import type { Span } from "../diagnostics/diagnostic.js";
import type { DefinitionItem } from "./ast.js";
import type { Datum } from "./values.js";

/** A block, and the file scope in which its body is read. */
export interface Block {
  readonly kind: "block";
  readonly definition: DefinitionItem;
  readonly home: Scope;
}

/** What a name stands for. */
export type Binding =
  | { readonly kind: "value"; readonly span: Span; readonly value: Datum }
  | { readonly kind: "block"; readonly span: Span; readonly block: Block }
  | { readonly kind: "model"; readonly span: Span }
  /** A name of the language's own that was given to something else, which is reported. */
  | { readonly kind: "refused"; readonly span: Span };

/** Names of one `{ … }` (or file); an inner scope hides an outer one. */
export class Scope {
  readonly #names = new Map<string, Binding>();

  constructor(readonly outer?: Scope) {}

  /** The binding that a name already has in this very scope. */
  own(name: string): Binding | undefined {
    return this.#names.get(name);
  }

  bind(name: string, binding: Binding): void {
    this.#names.set(name, binding);
  }

  find(name: string): Binding | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) {
      const binding = scope.#names.get(name);
      if (binding) return binding;
    }
    return undefined;
  }

  /** Every visible name, innermost first. */
  *names(): Generator<string> {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) {
      yield* scope.#names.keys();
    }
  }

  /** How many names are visible. */
  get size(): number {
    return this.#names.size + (this.outer?.size ?? 0);
  }

  /** The names as they are now, unmoved by what is bound later. */
  snapshot(): Scope {
    const copy = new Scope(this.outer?.snapshot());
    for (const [name, binding] of this.#names) copy.bind(name, binding);
    return copy;
  }
}
