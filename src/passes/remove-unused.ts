import type { Graph } from "../ir/graph.js";
import { graphOf } from "../ir/order.js";
import type { Pass, PassContext } from "./pass.js";

/** Drops nodes that no output needs. Inputs stay: the caller gives them. */
export const removeUnused: Pass = {
  name: "remove-unused",
  summary: "drop nodes that no output needs",
  exactness: "bitwise",
  run(graph: Graph, context: PassContext): Graph {
    if (context.budget.left <= 0) return graph;
    const needed = graphOf(graph);
    if (needed.nodes.length === graph.nodes.length) return graph;
    const kept = new Set(needed.nodes);
    for (const node of graph.nodes) if (!kept.has(node)) context.record(node);
    context.budget.left--;
    return needed;
  },
};
