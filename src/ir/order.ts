import { type Graph, type Node, operandsOf } from "./graph.js";

/**
 * Nodes that `roots` need, operands before readers, in a stable order. Known nodes, and what only
 * they need, are left out.
 */
export function inOrder(
  roots: readonly Node[],
  isKnown: (node: Node) => boolean = () => false,
): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; operands: Node[]; next: number }[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node) || isKnown(node)) return;
    seen.add(node);
    stack.push({ node, operands: operandsOf(node).map((value) => value.node), next: 0 });
  };
  for (const root of roots) {
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const operand = top.operands[top.next++];
      if (operand) enter(operand);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** A graph with its nodes found from the inputs and outputs. */
export function graphOf(parts: Omit<Graph, "nodes">): Graph {
  const roots = [...parts.inputs, ...parts.outputs].map(({ value }) => value.node);
  return { ...parts, nodes: inOrder(roots) };
}
