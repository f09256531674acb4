import type { Graph, Node, Value } from "../../src/ir/graph.js";
import type { OpName } from "../../src/ir/ops/index.js";
import { graphOf } from "../../src/ir/order.js";

/** Operators that hold what a network is given; everything reads them, so no table lists them. */
export const leaves: readonly OpName[] = ["input", "parameter", "constant"];

/** What an entry of a source format becomes in the graph. */
export interface Made {
  /** The operators of the nodes that compute it; none when it is the identity. */
  readonly ops: ReadonlySet<OpName>;
  readonly nodes: readonly Node[];
}

/** The computing nodes behind some values. */
export function madeOf(values: readonly Value[]): Made {
  const outputs = values.map((value, at) => ({ name: String(at), value }));
  return madeOfGraph(graphOf({ name: "", inputs: [], outputs, grants: [] }));
}

/** The computing nodes of a graph. */
export function madeOfGraph(graph: Graph): Made {
  const nodes = graph.nodes.filter(({ op }) => !leaves.includes(op));
  return { nodes, ops: new Set(nodes.map(({ op }) => op)) };
}

/** All of several forms of one entry. */
export const joined = (forms: readonly Made[]): Made => ({
  nodes: forms.flatMap(({ nodes }) => nodes),
  ops: new Set(forms.flatMap(({ ops }) => [...ops])),
});
