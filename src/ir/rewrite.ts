import { InternalError } from "../diagnostics/report.js";
import { buildNode } from "./build.js";
import { type Graph, type Node, type NodeOf, operandsOf, type Value } from "./graph.js";
import { mapOperands } from "./operands.js";
import type { OperandsOf, OpName } from "./ops/index.js";
import type { Exactness } from "./ops/operator.js";
import { graphOf, inOrder } from "./order.js";
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

/** Counts the readers of every value. */
export function usesOf(graph: Graph): Uses {
  const counts = new Map<Value, number>();
  const count = (value: Value) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const node of graph.nodes) operandsOf(node).forEach(count);
  for (const { value } of graph.outputs) count(value);
  return (value) => counts.get(value) ?? 0;
}

/** The node reading other operands; the same node when none differs. Types must stay. */
export function withOperands(node: Node, current: (value: Value) => Value): Node {
  if (operandsOf(node).every((value) => current(value) === value)) return node;
  const operands = mapOperands(node.operands, current) as OperandsOf<OpName>;
  return buildNode(node.op, operands, node.attrs, { name: node.name, span: node.span }) as Node;
}

/** What stands in place of a node: its new results, which may read `current` values only. */
type Rebuild = (node: Node, current: (value: Value) => Value) => readonly Value[];

/** The graph with every node rebuilt in order; the same graph when inputs and outputs stay. */
function rebuildGraph(graph: Graph, rebuild: Rebuild): Graph {
  const moved = new Map<Value, Value>();
  const current = (value: Value): Value => moved.get(value) ?? value;
  for (const node of graph.nodes) {
    const results = rebuild(node, current);
    node.results.forEach((value, index) => {
      const result = results[index];
      if (!result || !sameType(result.type, value.type)) {
        const instead = result ? printType(result.type) : "nothing";
        throw new InternalError(
          `${node.op} ${node.name} of ${printType(value.type)} is replaced by ${instead}`,
        );
      }
      if (result !== value) moved.set(value, result);
    });
  }
  const border = [...graph.inputs, ...graph.outputs];
  if (border.every(({ value }) => current(value) === value)) return graph;
  const move = <T extends { readonly value: Value }>(named: T): T => ({
    ...named,
    value: current(named.value),
  });
  return graphOf({ ...graph, inputs: graph.inputs.map(move), outputs: graph.outputs.map(move) });
}

const resultsOf = (replacement: Value | readonly Value[]): readonly Value[] =>
  "node" in replacement ? [replacement] : replacement;

/**
 * For passes over the whole graph: `replace` sees each node with its operands already rebuilt, and
 * returns what to read in its place or undefined to keep it. The same graph when nothing changes.
 */
export function mapGraph(graph: Graph, replace: (node: Node) => Replacement): Graph {
  return rebuildGraph(graph, (original, current) => {
    const node = withOperands(original, current);
    const replacement = replace(node);
    return replacement ? resultsOf(replacement) : node.results;
  });
}

/** One sweep's decisions: nodes still needed, and what replaces some of them. */
interface Sweep {
  readonly needed: ReadonlySet<Node>;
  readonly replaced: ReadonlyMap<Node, readonly Value[]>;
  readonly fired: readonly Firing[];
}

const looksAt = (rule: Rule, node: Node): boolean =>
  typeof rule.op === "string" ? rule.op === node.op : rule.op.includes(node.op);

/** Matches from the outputs down, so that what a replacement no longer needs is not matched. */
function decide(graph: Graph, rules: readonly Rule[], budget: Budget): Sweep {
  const uses = usesOf(graph);
  const waiting = new Set(graph.nodes);
  const isOld = new Set(graph.nodes);
  const needed = new Set([...graph.inputs, ...graph.outputs].map(({ value }) => value.node));
  const replaced = new Map<Node, readonly Value[]>();
  const fired: Firing[] = [];
  const need = (reader: string) => (value: Value) => {
    if (!isOld.has(value.node)) return;
    needed.add(value.node);
    if (waiting.has(value.node)) return;
    throw new InternalError(`${reader} reads ${value.node.op}, which stands after it`);
  };
  for (const node of graph.nodes.toReversed()) {
    waiting.delete(node);
    if (!needed.has(node) || node.op === "input") continue;
    const firing = budget.left > 0 ? firstFiring(node, rules, uses) : undefined;
    if (!firing) {
      operandsOf(node).forEach(need(node.op));
      continue;
    }
    budget.left--;
    fired.push({ rule: firing.rule.name, node });
    replaced.set(node, firing.results);
    const fresh = inOrder(
      firing.results.map((value) => value.node),
      (operand) => isOld.has(operand),
    );
    [...fresh.flatMap(operandsOf), ...firing.results].forEach(need(firing.rule.name));
  }
  return { needed, replaced, fired: fired.reverse() };
}

function firstFiring(
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

function applySweep(graph: Graph, { needed, replaced }: Sweep): Graph {
  const old = new Set(graph.nodes);
  return rebuildGraph(graph, (node, current) => {
    const results = replaced.get(node);
    if (!results) return needed.has(node) ? withOperands(node, current).results : node.results;
    const fresh = new Map<Value, Value>();
    const latest = (value: Value): Value => fresh.get(value) ?? current(value);
    const roots = results.map((value) => value.node);
    for (const added of inOrder(roots, (operand) => old.has(operand))) {
      const rebuilt = withOperands(added, latest);
      added.results.forEach((value, index) => {
        fresh.set(value, rebuilt.results[index]!);
      });
    }
    return results.map(latest);
  });
}

/**
 * Applies rules until none fires or the budget is used up. Each sweep matches against the graph as
 * it stood before the sweep, so use counts are true; the first rule that fires at a node wins.
 * Inputs are never replaced. Returns the same graph when nothing fires.
 */
export function rewriteGraph(
  graph: Graph,
  rules: readonly Rule[],
  budget: Budget = { left: Number.POSITIVE_INFINITY },
): { graph: Graph; fired: Firing[] } {
  const fired: Firing[] = [];
  for (let sweeps = graph.nodes.length + 16; sweeps > 0; sweeps--) {
    const sweep = decide(graph, rules, budget);
    if (sweep.fired.length === 0) return { graph, fired };
    fired.push(...sweep.fired);
    graph = applySweep(graph, sweep);
  }
  const restless = [...new Set(fired.slice(-8).map(({ rule }) => rule))].join(", ");
  throw new InternalError(`rules do not come to rest on ${graph.name}: ${restless}`);
}
