import type { Node, NodeOf, Value } from "../../ir/graph.js";
import type { Uses } from "../../ir/rewrite.js";
import { sameShape } from "../../ir/types.js";
import { type View, viewsOf } from "./branch.js";
import { identityMap, imageShape } from "./window-map.js";

/** One summand: what it is of which values. */
export interface Term {
  readonly value: Value;
  readonly isNegative: boolean;
  readonly views: readonly View[];
}

/** A sum of several values. */
export interface Sum {
  /** The node of the whole sum. */
  readonly node: NodeOf<"binary">;
  /** All nodes that add, the whole one among them. */
  readonly adds: readonly Node[];
  readonly terms: readonly Term[];
}

/** Most nodes of a sum that are taken apart. */
const mostAdds = 15;

/** Sums and differences of two values of the result's shape. */
export const isSum = (node: Node): node is NodeOf<"binary"> =>
  node.op === "binary" &&
  (node.attrs.fn === "add" || node.attrs.fn === "sub") &&
  [node.operands.left, node.operands.right].every(({ type }) =>
    sameShape(type.shape, node.results[0]!.type.shape),
  );

/** A tree of sums as its terms, in the order in which they stand. */
export function termsOf(node: NodeOf<"binary">, uses: Uses): Sum {
  const adds: Node[] = [];
  const terms: Term[] = [];
  const waiting = [{ value: node.results[0]!, isNegative: false, isRoot: true }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, isNegative, isRoot } = next;
    const inner = value.node;
    const isOwn = isRoot || (uses(value) === 1 && adds.length < mostAdds);
    if (isSum(inner) && isOwn) {
      adds.push(inner);
      const { left, right } = inner.operands;
      const turns = inner.attrs.fn === "sub";
      waiting.push({ value: right, isNegative: isNegative !== turns, isRoot: false });
      waiting.push({ value: left, isNegative, isRoot: false });
    } else {
      terms.push({ value, isNegative, views: viewsOfTerm(value, uses) });
    }
  }
  return { node, adds, terms };
}

/** A term is itself, and what it is of the values that it is made of. */
function viewsOfTerm(value: Value, uses: Uses): View[] {
  const shape = imageShape(value);
  if (!shape) return [];
  const itself = { base: value, nodes: [], map: identityMap(value, shape) };
  return uses(value) > 1 ? [itself] : [itself, ...viewsOf(value.node, uses)];
}
