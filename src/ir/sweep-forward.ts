import { type Graph, type Node, operandsOf, type Value } from "./graph.js";
import { inOrder } from "./order.js";
import { rebuildGraph, withOperands } from "./rebuild.js";
import { type Budget, countUses, type Firing, firstFiring, type Rule } from "./rule.js";

/** A graph after a sweep, and what fired. */
export interface Swept {
  readonly graph: Graph;
  readonly fired: readonly Firing[];
}

/** How often values of a graph are read that is half rewritten. */
class Readers {
  readonly #counts: Map<Value, number>;
  /** Nodes whose operands are counted. */
  readonly #known: Set<Node>;

  constructor(graph: Graph) {
    this.#counts = countUses(graph);
    this.#known = new Set(graph.nodes);
  }

  of = (value: Value): number => this.#counts.get(value) ?? 0;

  #add(value: Value, readers: number): void {
    this.#counts.set(value, this.of(value) + readers);
  }

  /** What reads the old values reads the new ones from now on. */
  move(old: readonly Value[], results: readonly Value[]): void {
    old.forEach((value, index) => {
      const result = results[index]!;
      if (result === value) return;
      this.#add(result, this.of(value));
      this.#counts.delete(value);
    });
  }

  /** The node stands for another that read the same operands. */
  take(node: Node): void {
    this.#known.add(node);
  }

  /** Counts what the new nodes read that these values need. */
  enter(results: readonly Value[]): void {
    const roots = results.map(({ node }) => node);
    for (const node of inOrder(roots, (operand) => this.#known.has(operand))) {
      this.#known.add(node);
      for (const operand of operandsOf(node)) this.#add(operand, 1);
    }
  }

  /** Takes back what a node reads when nothing reads it any more, and so on down. */
  leave(node: Node): void {
    const left = [node];
    for (let next = left.pop(); next; next = left.pop()) {
      if (!this.#known.has(next) || next.results.some((value) => this.of(value) > 0)) continue;
      this.#known.delete(next);
      for (const operand of operandsOf(next)) {
        this.#add(operand, -1);
        if (this.of(operand) === 0) left.push(operand.node);
      }
    }
  }
}

/**
 * Matches each node once, operands before readers, against the graph as it is rewritten so far: a rule
 * sees what rules made of the operands. Use counts are those of the graph as it stands then.
 */
export function sweepForward(graph: Graph, rules: readonly Rule[], budget: Budget): Swept {
  const readers = new Readers(graph);
  const fired: Firing[] = [];
  const swept = rebuildGraph(graph, (original, current) => {
    const node = withOperands(original, current);
    readers.take(node);
    readers.move(original.results, node.results);
    if (node.op === "input" || budget.left <= 0) return node.results;
    const firing = firstFiring(node, rules, readers.of);
    if (!firing) return node.results;
    budget.left--;
    fired.push({ rule: firing.rule.name, node });
    readers.move(node.results, firing.results);
    readers.enter(firing.results);
    readers.leave(node);
    return firing.results;
  });
  return { graph: swept, fired };
}
