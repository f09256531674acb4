import { InternalError } from "../diagnostics/report.js";
import { type Graph, type Node, operandsOf, type Value } from "./graph.js";
import { inOrder } from "./order.js";
import { rebuildGraph, withOperands } from "./rebuild.js";
import {
  type Budget,
  type Firing,
  firstFiring,
  type Replacement,
  type Rule,
  resultsOf,
  usesOf,
} from "./rule.js";
import { type Swept, sweepForward } from "./sweep-forward.js";

export { withOperands } from "./rebuild.js";
export {
  type Budget,
  defineRule,
  type Firing,
  type Replacement,
  type Rule,
  type Uses,
  usesOf,
} from "./rule.js";

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

/** How many sweeps go from the outputs down before the others go forward. */
const sweepsDown = 8;

/**
 * Applies rules until none fires or the budget is used up; the first rule that fires at a node wins.
 * The first sweeps match against the graph as it stood before the sweep. What does not come to rest by
 * then, such as a long chain that something sinks through step by step, is swept forward, which takes
 * all the steps at once. Inputs are never replaced. Returns the same graph when nothing fires.
 */
export function rewriteGraph(
  graph: Graph,
  rules: readonly Rule[],
  budget: Budget = { left: Number.POSITIVE_INFINITY },
): { graph: Graph; fired: Firing[] } {
  const fired: Firing[] = [];
  const most = graph.nodes.length + 16;
  for (let sweeps = 0; sweeps < most; sweeps++) {
    const sweep = (sweeps < sweepsDown ? sweepDown : sweepForward)(graph, rules, budget);
    if (sweep.fired.length === 0) return { graph, fired };
    for (const firing of sweep.fired) fired.push(firing);
    graph = sweep.graph;
  }
  const restless = [...new Set(fired.slice(-8).map(({ rule }) => rule))].join(", ");
  throw new InternalError(`rules do not come to rest on ${graph.name}: ${restless}`);
}

function sweepDown(graph: Graph, rules: readonly Rule[], budget: Budget): Swept {
  const sweep = decide(graph, rules, budget);
  if (sweep.fired.length === 0) return { graph, fired: [] };
  return { graph: applySweep(graph, sweep), fired: sweep.fired };
}
