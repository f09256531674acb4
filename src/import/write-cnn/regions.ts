import { type Graph, type Node, operandsOf } from "../../ir/graph.js";
import { isLeaf } from "./leaf.js";

/** A part of the graph that is entered at one node's result and left at another node only. */
export interface Region {
  readonly fork: Node;
  readonly join: Node;
}

/** A tree over nodes; a node without a parent hangs at the root. */
class Tree {
  readonly #parents = new Map<Node, Node | undefined>();
  readonly #depths = new Map<Node, number>();

  add(node: Node, parent: Node | undefined): void {
    this.#parents.set(node, parent);
    this.#depths.set(node, parent ? this.#depths.get(parent)! + 1 : 1);
  }

  parent(node: Node): Node | undefined {
    return this.#parents.get(node);
  }

  /** The deepest node that both hang below or are; undefined for the root. */
  meet(a: Node, b: Node): Node | undefined {
    let [x, y]: (Node | undefined)[] = [a, b];
    while (x && y && x !== y) {
      if (this.#depths.get(x)! >= this.#depths.get(y)!) x = this.#parents.get(x);
      else y = this.#parents.get(y);
    }
    return x && y;
  }

  /** The meeting point of several nodes; undefined for the root or none. */
  meetAll([first, ...others]: readonly Node[]): Node | undefined {
    let at = first;
    for (const other of others) at = at && this.meet(at, other);
    return at;
  }
}

/** Operands' nodes that compute something: no parameters, no constants. */
export const sourcesOf = (node: Node): Node[] =>
  operandsOf(node)
    .filter((value) => !isLeaf(value))
    .map((value) => value.node);

/** What reads each node's results; the graph's outputs read as `undefined`. */
function readersOf(graph: Graph): Map<Node, (Node | undefined)[]> {
  const readers = new Map<Node, (Node | undefined)[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) {
    for (const source of sourcesOf(node)) readers.get(source)?.push(node);
  }
  for (const { value } of graph.outputs) readers.get(value.node)?.push(undefined);
  return readers;
}

/** Nodes between a fork and a join that are not to be more, so that nested text stays readable. */
const mostNodes = 32;

/**
 * Finds the regions of a graph by its dominators and post-dominators: results that are read several
 * times, all of them on ways that meet again at one node. Such parts can be written as one merge whose
 * operands are pipelines from the value that arrives.
 */
export class Regions {
  readonly #readers: ReadonlyMap<Node, readonly (Node | undefined)[]>;
  readonly #before = new Tree();
  readonly #after = new Tree();
  readonly #joins = new Map<Node, Node>();
  readonly #inside = new Set<Node>();

  constructor(graph: Graph) {
    this.#readers = readersOf(graph);
    for (const node of graph.nodes) this.#before.add(node, this.#before.meetAll(sourcesOf(node)));
    for (const node of graph.nodes.toReversed()) this.#after.add(node, this.#joinOf(node));
    const forks = graph.nodes.filter((node) => this.readsOf(node) > 1);
    for (const fork of forks.toReversed()) this.#find(fork);
  }

  /** How often a node's results are read, outputs of the graph included. */
  readsOf(node: Node): number {
    return this.#readers.get(node)?.length ?? 0;
  }

  /** The join of the region that a node's result opens, if it opens one. */
  joinOf(fork: Node): Node | undefined {
    return this.#joins.get(fork);
  }

  /** Whether a node stands between a fork and its join. */
  isInside(node: Node): boolean {
    return this.#inside.has(node);
  }

  /** The fork whose region a node closes, if it closes one. */
  forkOf(join: Node): Node | undefined {
    const fork = this.#before.parent(join);
    return fork && this.#joins.get(fork) === join ? fork : undefined;
  }

  #joinOf(node: Node): Node | undefined {
    const readers = this.#readers.get(node) ?? [];
    const nodes = readers.filter((reader) => reader !== undefined);
    return nodes.length === readers.length ? this.#after.meetAll(nodes) : undefined;
  }

  #find(fork: Node): void {
    const join = this.#after.parent(fork);
    if (!join || this.#before.parent(join) !== fork || fork.results.length > 1) return;
    const between = this.#between(fork, join);
    if (!between) return;
    this.#joins.set(fork, join);
    for (const node of between) this.#inside.add(node);
  }

  /** The nodes between, where they are few, read inside only, and themselves made of such regions. */
  #between(fork: Node, join: Node): Set<Node> | undefined {
    const seen = new Set<Node>();
    const open = sourcesOf(join);
    while (open.length > 0) {
      const node = open.pop()!;
      if (node === fork || seen.has(node)) continue;
      seen.add(node);
      if (seen.size > mostNodes || node.results.length > 1) return undefined;
      if (this.readsOf(node) > 1 && !this.#joins.has(node)) return undefined;
      open.push(...sourcesOf(node));
    }
    return seen;
  }
}
