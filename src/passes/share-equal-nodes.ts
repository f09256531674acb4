import type { Graph, Node } from "../ir/graph.js";
import { mapGraph } from "../ir/rewrite.js";
import { type Pass, type PassContext, spend } from "./pass.js";

/**
 * Computes equal things once: nodes with the same operator, equal attributes and the same operands
 * become one; the first one stays. Constants of the same role and content count as the same operand,
 * but keep their names and places where their readers stay apart.
 */
export const shareEqualNodes: Pass = {
  name: "share-equal-nodes",
  summary: "compute equal nodes once",
  exactness: "bitwise",
  run(graph: Graph, context: PassContext): Graph {
    const numbers = new Map<Node, number>();
    const alike = new Map<string, Node[]>();
    return mapGraph(graph, (node) => {
      const key = keyOf(node, numbers);
      const others = alike.get(key) ?? [];
      const equal = others.find((other) => sameContent(other, node));
      if (equal?.op === "constant") numbers.set(node, numbers.get(equal)!);
      else if (equal && spend(node, context)) return equal.results;
      else {
        alike.set(key, [...others, node]);
        numbers.set(node, numbers.size);
      }
      return undefined;
    });
  },
};

/** A text that is the same for nodes that may be equal; constants' contents are only sampled. */
function keyOf(node: Node, numbers: ReadonlyMap<Node, number>): string {
  if (node.op === "constant") {
    const { role, shape, data } = node.attrs;
    return `constant ${role} [${shape}] ${data[0]} ${data[data.length >> 1]} ${data.at(-1)}`;
  }
  const operands = Object.entries(node.operands).map(([name, operand]) => {
    const values = Array.isArray(operand) ? operand : operand ? [operand] : [];
    return `${name}=${values.map((value) => `${numbers.get(value.node)}.${value.index}`)}`;
  });
  return `${node.op} ${operands.join(" ")} ${attributeText(node.attrs)}`;
}

/** Attributes as text that tells every two numbers apart, −0 from 0 included. */
function attributeText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(attributeText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, entry]) => `${name}:${attributeText(entry)}`).join(",")}}`;
  }
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function sameContent(a: Node, b: Node): boolean {
  if (a.op !== "constant" || b.op !== "constant") return true;
  const other = b.attrs.data;
  return a.attrs.data === other || a.attrs.data.every((x, at) => Object.is(x, other[at]));
}
