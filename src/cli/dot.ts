import { type Graph, type Node, operandsOf } from "../ir/graph.js";
import { printType } from "../ir/types.js";

/** A graph for Graphviz: a box a node, the types of values along the edges; constants are left out. */
export function printDot(graph: Graph): string {
  const ids = new Map<Node, string>();
  for (const node of graph.nodes) if (node.op !== "constant") ids.set(node, `n${ids.size}`);
  const boxes = [...ids].map(([node, id]) => {
    const name = node.op === "input" ? node.attrs.name : node.name;
    return `  ${id} [label=${quote(name === "" ? node.op : `${name}\n${node.op}`)}];`;
  });
  const edges = [...ids].flatMap(([node, id]) =>
    operandsOf(node).flatMap((value) => {
      const from = ids.get(value.node);
      return from ? `  ${from} -> ${id} [label=${quote(printType(value.type))}];` : [];
    }),
  );
  const outputs = graph.outputs.flatMap(({ name, value }, i) => [
    `  out${i} [label=${quote(name)}, shape=ellipse];`,
    `  ${ids.get(value.node) ?? "constant"} -> out${i} [label=${quote(printType(value.type))}];`,
  ]);
  const head = [`digraph ${quote(graph.name)} {`, "  node [shape=box, fontname=monospace];"];
  return [...head, ...boxes, ...edges, ...outputs, "}"].join("\n");
}

/** A text as an identifier of the DOT language, line breaks kept. */
const quote = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
