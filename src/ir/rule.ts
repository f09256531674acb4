import { InternalError } from "../diagnostics/report.js";
import { type Graph, type Node, type NodeOf, operandsOf, type Value } from "./graph.js";
import type { OpName } from "./ops/index.js";
import type { Exactness } from "./ops/operator.js";
import { printType, sameType } from "./types.js";

/** How often a value is read, outputs of the graph counted. */
export type Uses = (value: Value) => number;

/** A value in place of a node's result; one for each when the node has several. */
export type Replacement = Value | readonly Value[] | undefined;

/** A local rewrite: what to put in place of a node, or undefined to leave it alone. */
export interface Rule<K extends OpName = OpName> {
  readonly name: string;
  /** The operators it looks at. */
  readonly op: K | readonly K[];
  readonly exactness: Exactness;
  apply(node: { [P in K]: NodeOf<P> }[K], uses: Uses): Replacement;
}

/** A rule whose `apply` sees nodes of its own operators only. */
export const defineRule = <K extends OpName>(rule: Rule<K>): Rule => rule;

/** One use of a rule. */
export interface Firing {
  readonly rule: string;
  /** The node that was replaced. */
  readonly node: Node;
}

/** How many rewrites may still be made; the engine counts it down. */
export interface Budget {
  left: number;
}

/** How often each value is read that is read at all. */
export function countUses(graph: Graph): Map<Value, number> {
  const counts = new Map<Value, number>();
  const count = (value: Value) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of graph.nodes) operandsOf(node).forEach(count);
  for (const { value } of graph.outputs) count(value);
  return counts;
}

/** Counts the readers of every value. */
export function usesOf(graph: Graph): Uses {
  const counts = countUses(graph);
  return (value) => counts.get(value) ?? 0;
}

/** A replacement as the results that it stands for. */
export const resultsOf = (replacement: Value | readonly Value[]): readonly Value[] =>
  "node" in replacement ? [replacement] : replacement;

const looksAt = (rule: Rule, node: Node): boolean =>
  typeof rule.op === "string" ? rule.op === node.op : rule.op.includes(node.op);

/** The first rule that replaces the node, and by what; undefined when none does. Types must stay. */
export function firstFiring(
  node: Node,
  rules: readonly Rule[],
  uses: Uses,
): { rule: Rule; results: readonly Value[] } | undefined {
  for (const rule of rules) {
    const replacement = looksAt(rule, node) ? rule.apply(node, uses) : undefined;
    if (!replacement) continue;
    const results = resultsOf(replacement);
    if (results.every((value, index) => value === node.results[index])) continue;
    if (node.results.every((old, i) => results[i] && sameType(old.type, results[i].type))) {
      return { rule, results };
    }
    const types = (values: readonly Value[]) => values.map(({ type }) => printType(type)).join();
    const change = `${types(node.results)} to ${types(results)}`;
    throw new InternalError(`${rule.name} changes ${node.op} ${node.name} from ${change}`);
  }
  return undefined;
}
