import { InternalError } from "../../diagnostics/report.js";
import type { Value } from "../../ir/graph.js";
import type { Arranged, Item } from "./arrange.js";
import { freeName, isAttribute, isFreeName, safeName, stringOf } from "./python.js";
import { lastOf } from "./tree.js";

/** A child of a module as an expression. */
export function accessOf(path: string, scope: string, table = "_modules"): string {
  const parts = (scope === "" ? path : path.slice(scope.length + 1)).split(".");
  return parts.reduce((text, part, at) => {
    if (isAttribute(part)) return `${text}.${part}`;
    return `${text}.${at === parts.length - 1 ? table : "_modules"}[${stringOf(part)}]`;
  }, "self");
}

/** The most characters of an expression that is written inside another. */
const longestInside = 56;

/** Writes one module's `forward`, a line for each item or for a few that follow each other. */
export class ForwardWriter {
  readonly lines: string[] = [];
  readonly parameters: readonly string[];
  readonly #names = new Map<Value, string>();
  readonly #pending = new Map<Value, string>();
  readonly #left = new Map<Value, number>();
  readonly #fixed = new Set<string>();

  /** `constant` gives a name to a tensor of known numbers. */
  constructor(
    readonly scope: string,
    readonly arranged: Arranged,
    readonly constant: (value: Value) => string,
    inputNames: readonly string[],
  ) {
    const { items, reads, results } = arranged;
    for (const value of [...items.flatMap((item) => item.reads), ...results]) {
      this.#left.set(value, (this.#left.get(value) ?? 0) + 1);
    }
    this.parameters = reads.map((value, at) => {
      const wish = inputNames[at];
      const name = this.#free(wish === undefined ? "x" : safeName(wish, "x"));
      this.#names.set(value, name);
      if (wish !== undefined) this.#fixed.add(name);
      return name;
    });
    items.forEach((item, at) => {
      this.#write(item, items[at + 1]);
    });
  }

  /** The value as an expression: at the end, what is returned. */
  read(value: Value): string {
    const { node } = value;
    if (node.op === "constant") return this.constant(value);
    const known = this.#pending.get(value) ?? this.#names.get(value);
    if (known !== undefined) return known;
    if (node.op !== "parameter") throw new InternalError(`${node.op} is read before it is written`);
    const table = node.attrs.role === "statistic" ? "_buffers" : "_parameters";
    return accessOf(node.attrs.path, this.scope, table);
  }

  #free(wish: string): string {
    const taken = new Set([...this.#names.values(), ...this.#fixed]);
    return freeName(wish, (name) => taken.has(name) || !isFreeName(name));
  }

  #write(item: Item, next: Item | undefined): void {
    const text = this.#textOf(item);
    this.#release(item);
    const [only] = item.results;
    if (only && item.results.length === 1 && this.#fitsInto(only, text, next)) {
      this.#pending.set(only, text);
      return;
    }
    const names = item.results.map((value) => {
      if (!this.#left.has(value)) return "_";
      const name = this.#free(this.#wishFor(item));
      this.#names.set(value, name);
      return name;
    });
    const isUnpacked = names.length === 1 && item.step?.node.op === "split";
    this.lines.push(`${names.join(", ")}${isUnpacked ? "," : ""} = ${text}`);
  }

  #textOf({ step, scope, reads }: Item): string {
    const read = (value: Value): string => this.read(value);
    if (scope !== undefined) {
      return `${accessOf(scope, this.scope)}(${reads.map(read).join(", ")})`;
    }
    if (!step) throw new InternalError("a line of a forward is neither operator nor module");
    const { form, module } = step;
    if (module === undefined || !form.module) return form.call(read);
    const { before = same, after = same, input } = form.module;
    return after(`${accessOf(module, this.scope)}(${before(read(input))})`);
  }

  /** Counts what the item has read, and forgets the names of what is read no more. */
  #release({ reads }: Item): void {
    for (const value of reads) {
      const left = (this.#left.get(value) ?? 1) - 1;
      this.#left.set(value, left);
      if (left > 0) continue;
      this.#names.delete(value);
      this.#pending.delete(value);
    }
  }

  #fitsInto(value: Value, text: string, next: Item | undefined): boolean {
    const isOnce = this.#left.get(value) === 1;
    const isNext = next === undefined || next.reads.includes(value);
    const isReturned = next === undefined && this.arranged.results.length === 1;
    const fits = isOnce && isNext && (next !== undefined || isReturned);
    if (isReturned) return fits;
    return fits && text.length <= longestInside && !next?.step?.form.repeats;
  }

  #wishFor({ scope, step }: Item): string {
    const word = lastOf(scope ?? "");
    if (scope !== undefined && isFreeName(word)) return word;
    return step?.node.op === "split" ? "part" : "x";
  }
}

const same = (text: string): string => text;
