import { build } from "../../ir/build.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import { graphOf, inOrder } from "../../ir/order.js";
import { withOperands } from "../../ir/rewrite.js";

/** What stands in place of a node with one result: a value that reads what the node's graph has. */
export type Substitutes = ReadonlyMap<Node, Value>;

/** A graph with some nodes replaced; the same graph when none is. */
export function substitute(graph: Graph, substitutes: Substitutes): Graph {
  if (substitutes.size === 0) return graph;
  const old = new Set(graph.nodes);
  const moved = new Map<Value, Value>();
  const current = (value: Value): Value => moved.get(value) ?? value;
  for (const node of graph.nodes) {
    const instead = substitutes.get(node);
    if (instead) {
      move(
        inOrder([instead.node], (added) => old.has(added)),
        moved,
      );
      moved.set(node.results[0]!, current(instead));
    } else move([node], moved);
  }
  const outputs = graph.outputs.map((output) => ({ ...output, value: current(output.value) }));
  return graphOf({ ...graph, outputs });
}

/** Rebuilds nodes on top of what has moved, operands before readers. */
function move(nodes: readonly Node[], moved: Map<Value, Value>): void {
  for (const node of nodes) {
    const rebuilt = withOperands(node, (value) => moved.get(value) ?? value);
    node.results.forEach((value, index) => {
      if (rebuilt !== node) moved.set(value, rebuilt.results[index]!);
    });
  }
}

/** A graph of its own that computes values from one: its input is `x`, its outputs are called by their place. */
export function between(input: Value, outputs: readonly Value[]): Graph {
  const x = build("input", {}, { name: "x", type: input.type });
  const moved = new Map([[input, x]]);
  const nodes = inOrder(
    outputs.map(({ node }) => node),
    (node) => node === input.node,
  );
  move(nodes, moved);
  return graphOf({
    name: "part",
    inputs: [{ name: "x", value: x }],
    outputs: outputs.map((value, at) => ({ name: String(at), value: moved.get(value) ?? value })),
    grants: [],
  });
}

/** A graph that gives out one of its values alone, under the name `x`. */
export const upTo = (graph: Graph, value: Value): Graph =>
  graphOf({ ...graph, outputs: [{ name: "x", value }] });
