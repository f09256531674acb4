import { constantNode } from "../../ir/constants.js";
import { type Graph, type Node, type NodeOf, operandsOf, type Value } from "../../ir/graph.js";
import { withOperands } from "../../ir/rewrite.js";
import { sameType } from "../../ir/types.js";
import type { StructureChange } from "../structure-change.js";
import { substitute } from "./substitute.js";

type Conv = NodeOf<"conv2d">;

/** How far numbers of two kernels that are the same may differ, relative to the largest. */
const sameNumbers = 1e-6;

/**
 * A graph with rewritings of convolutions that were found in another form of it: each is put where the very
 * convolution stands that it was found for, by name, attributes and numbers. Undefined where one is not there, or reaches beyond its convolution.
 */
export function transplant(graph: Graph, changes: readonly StructureChange[]): Graph | undefined {
  const substitutes = new Map<Node, Value>();
  for (const { before, after } of changes) {
    const old = before.find((node): node is Conv => node.op === "conv2d");
    const here = old && graph.nodes.find((node) => node.op === "conv2d" && isSame(node, old));
    if (!old || here?.op !== "conv2d" || !standsAlone(after, old)) return undefined;
    const value = onto(here.operands.input, after, old.operands.input);
    if (!sameType(value.type, here.results[0]!.type)) return undefined;
    substitutes.set(here, value);
  }
  return substitute(graph, substitutes);
}

const isSame = (a: Conv, b: Conv): boolean =>
  a.name === b.name &&
  sameType(a.operands.input.type, b.operands.input.type) &&
  JSON.stringify(a.attrs) === JSON.stringify(b.attrs) &&
  isClose(a.operands.weight, b.operands.weight) &&
  isClose(a.operands.bias, b.operands.bias);

/** Whether two constants are equal but for rounding. */
function isClose(a: Value | undefined, b: Value | undefined): boolean {
  const [left, right] = [a && constantNode(a), b && constantNode(b)];
  if (!left || !right) return a === undefined && b === undefined;
  const [x, y] = [left.attrs.data, right.attrs.data];
  const most = x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return x.length === y.length && x.every((v, i) => Math.abs(v - y[i]!) <= sameNumbers * most);
}

/** Whether nodes read constants and the convolution's own input only: pruned layers read others that changed. */
function standsAlone(nodes: readonly Node[], { operands }: Conv): boolean {
  const own = new Set(nodes);
  return nodes
    .flatMap(operandsOf)
    .every((value) => own.has(value.node) || value === operands.input);
}

/** Nodes, operands before readers, on top of another value: what the last of them gives. */
function onto(input: Value, nodes: readonly Node[], before: Value): Value {
  const moved = new Map<Value, Value>([[before, input]]);
  const read = new Set(nodes.flatMap(operandsOf));
  let result = input;
  for (const node of nodes) {
    const rebuilt = withOperands(node, (value) => moved.get(value) ?? value);
    node.results.forEach((value, at) => {
      moved.set(value, rebuilt.results[at]!);
      if (!read.has(value)) result = rebuilt.results[at]!;
    });
  }
  return result;
}
