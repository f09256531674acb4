import { InternalError } from "../../diagnostics/report.js";
import type { Graph, Value } from "../../ir/graph.js";
import { isWithin } from "../../ir/paths.js";
import type { Layout, Step } from "./layout.js";
import { parentOf } from "./tree.js";

/** One line of a `forward`: an operator, or the call of a module that is written too. */
export interface Item {
  readonly step?: Step;
  /** The path of the module that is called. */
  readonly scope?: string;
  readonly reads: readonly Value[];
  readonly results: readonly Value[];
}

/** What a module's `forward` does, in order; a module without items only holds others. */
export interface Arranged {
  readonly items: readonly Item[];
  readonly reads: readonly Value[];
  readonly results: readonly Value[];
}

/** Where a value is at hand without being handed over. */
function homeOf(value: Value, scopes: ReadonlyMap<object, string>): string {
  if (value.node.op === "parameter") return parentOf(value.node.attrs.path);
  return scopes.get(value.node) ?? "";
}

/** Items in an order in which they can run; or the scopes on a circle. */
function sorted(items: readonly Item[]): readonly Item[] | ReadonlySet<string> {
  const makers = new Map(items.flatMap((item) => item.results.map((value) => [value, item])));
  const order: Item[] = [];
  const states = new Map<Item, "open" | "done">();
  for (const root of items) {
    const stack = states.has(root) ? [] : [{ item: root, next: 0 }];
    states.set(root, states.get(root) ?? "open");
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const read = top.item.reads[top.next++];
      const maker = read && makers.get(read);
      if (!read) {
        states.set(top.item, "done");
        order.push(top.item);
        stack.pop();
      } else if (maker && !states.has(maker)) {
        states.set(maker, "open");
        stack.push({ item: maker, next: 0 });
      } else if (maker && states.get(maker) === "open") {
        const circle = stack.slice(stack.findIndex(({ item }) => item === maker));
        return new Set(circle.flatMap(({ item }) => item.scope ?? []));
      }
    }
  }
  return order;
}

/** Arranges the steps of each module; modules that cannot be called at once only hold others. */
export class Arrangement {
  readonly #found = new Map<string, Arranged>();
  readonly #under = new Map<string, Step[]>();
  readonly #scopes: ReadonlyMap<object, string>;
  readonly #readers = new Map<Value, Step[]>();
  readonly #outputs: ReadonlySet<Value>;

  constructor(
    graph: Graph,
    readonly layout: Layout,
  ) {
    this.#outputs = new Set(graph.outputs.map(({ value }) => value));
    this.#scopes = new Map(layout.steps.map(({ node, scope }) => [node, scope]));
    for (const step of layout.steps) {
      for (const value of step.reads) {
        this.#readers.set(value, [...(this.#readers.get(value) ?? []), step]);
      }
      for (let path = step.scope; ; path = parentOf(path)) {
        const steps = this.#under.get(path);
        if (steps) steps.push(step);
        else this.#under.set(path, [step]);
        if (path === "") break;
      }
    }
    this.#arrange("");
  }

  of(scope: string): Arranged {
    return this.#found.get(scope) ?? { items: [], reads: [], results: [] };
  }

  #subscopes(scope: string): string[] {
    const { tree, leaves } = this.layout;
    return tree.childrenOf(scope).filter((path) => !leaves.has(path) && !tree.tensors.has(path));
  }

  #border(scope: string): Pick<Arranged, "reads" | "results"> {
    const steps = this.#under.get(scope) ?? [];
    const reads = steps.flatMap((step) => step.reads);
    const results = steps.flatMap(({ node }) => node.results);
    const isRead = (value: Value): boolean =>
      this.#outputs.has(value) ||
      (this.#readers.get(value) ?? []).some((reader) => !isWithin(reader.scope, scope));
    const isForeign = (value: Value): boolean =>
      value.node.op === "input" || !isWithin(homeOf(value, this.#scopes), scope);
    return { reads: [...new Set(reads.filter(isForeign))], results: results.filter(isRead) };
  }

  #items(scope: string, opened: ReadonlySet<string>): Item[] {
    const own = (this.#under.get(scope) ?? [])
      .filter((step) => step.scope === scope)
      .map((step) => ({ step, reads: step.reads, results: step.node.results }));
    const below = this.#subscopes(scope).flatMap((path): Item[] => {
      if (!this.#under.has(path)) return [];
      return opened.has(path)
        ? this.#items(path, opened)
        : [{ scope: path, ...this.#border(path) }];
    });
    return [...own, ...below];
  }

  #arrange(scope: string): void {
    const opened = new Set<string>();
    const places = new Map(this.layout.steps.map(({ node }, index) => [node, index]));
    const placeOf = ({ results }: Item): number => {
      const [first] = results;
      return (first && places.get(first.node)) ?? 0;
    };
    for (;;) {
      const items = this.#items(scope, opened).sort((a, b) => placeOf(a) - placeOf(b));
      const order = sorted(items);
      if ("has" in order) {
        if (order.size === 0) throw new InternalError("the graph has a circle");
        for (const path of order) opened.add(path);
        continue;
      }
      this.#found.set(scope, { items: order, ...this.#border(scope) });
      const callable = order.flatMap((item) => item.scope ?? []);
      for (const path of callable) this.#arrange(path);
      return;
    }
  }
}
