import { InternalError } from "../diagnostics/report.js";
import { buildNode } from "./build.js";
import { type Graph, type Node, operandsOf, type Value } from "./graph.js";
import { mapOperands } from "./operands.js";
import type { OperandsOf, OpName } from "./ops/index.js";
import { graphOf } from "./order.js";
import { printType, sameType } from "./types.js";

/** The node reading other operands; the same node when none differs. Types must stay. */
export function withOperands(node: Node, current: (value: Value) => Value): Node {
  if (operandsOf(node).every((value) => current(value) === value)) return node;
  const operands = mapOperands(node.operands, current) as OperandsOf<OpName>;
  return buildNode(node.op, operands, node.attrs, { name: node.name, span: node.span }) as Node;
}

/** What stands in place of a node: its new results, which may read `current` values only. */
export type Rebuild = (node: Node, current: (value: Value) => Value) => readonly Value[];

/** The graph with every node rebuilt in order; the same graph when inputs and outputs stay. */
export function rebuildGraph(graph: Graph, rebuild: Rebuild): Graph {
  const moved = new Map<Value, Value>();
  const current = (value: Value): Value => moved.get(value) ?? value;
  for (const node of graph.nodes) {
    const results = rebuild(node, current);
    node.results.forEach((value, index) => {
      const result = results[index];
      if (!result || !sameType(result.type, value.type)) {
        const instead = result ? printType(result.type) : "nothing";
        throw new InternalError(
          `${node.op} ${node.name} of ${printType(value.type)} is replaced by ${instead}`,
        );
      }
      if (result !== value) moved.set(value, result);
    });
  }
  const border = [...graph.inputs, ...graph.outputs];
  if (border.every(({ value }) => current(value) === value)) return graph;
  const move = <T extends { readonly value: Value }>(named: T): T => ({
    ...named,
    value: current(named.value),
  });
  return graphOf({ ...graph, inputs: graph.inputs.map(move), outputs: graph.outputs.map(move) });
}
