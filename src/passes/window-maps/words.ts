import type { Node, Value } from "../../ir/graph.js";

/** A linear node in a word or two: `3x3`, `average 2x2`, `scale`. */
export function wordsOf(node: Node): string {
  switch (node.op) {
    case "conv2d":
      return node.operands.weight.type.shape.slice(2).join("x");
    case "linear":
      return "product";
    case "avgPool":
      return `average ${node.attrs.kernel.join("x")}`;
    case "pad":
      return "pad";
    case "reshape":
      return "reshape";
    default:
      return "scale";
  }
}

/** The kernel of a value that `convolutionOf` made. */
export function windowWords({ node }: Value): string {
  if (node.op === "binary") return `${windowWords(node.operands.left)} + border`;
  return node.op === "reshape" ? windowWords(node.operands.input) : wordsOf(node);
}

/** A chain of nodes, the last one first, in the order of time: `1x1 · 3x3`. */
export const chainWords = (nodes: readonly Node[]): string =>
  nodes.length === 0 ? "identity" : nodes.toReversed().map(wordsOf).join(" · ");

/** The path that all names start with, by whole steps: `stage1.0` of `stage1.0.dense` and `stage1.0.1x1`. */
export function commonPath(names: readonly string[]): string {
  const [first = [], ...others] = names.map((name) => name.split("."));
  const differs = first.findIndex((part, at) => others.some((path) => path[at] !== part));
  return (differs < 0 ? first : first.slice(0, differs)).join(".");
}
