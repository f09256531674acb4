import { InternalError } from "../diagnostics/report.js";
import type { Graph, Node, Value } from "./graph.js";
import { operandsOf } from "./graph.js";
import { mapOperands } from "./operands.js";
import { anyOperator } from "./ops/index.js";
import type { Dense, OperandTable } from "./ops/operator.js";
import { printType, sizeOf } from "./types.js";

/** Numbers of an input, row-major. */
export type InputData = Float32Array | Float64Array | Uint8Array;

/**
 * What a graph computes, by output name: every operator's reference meaning in float64, nothing
 * rounded in between. Slow, and shares nothing with any target. Values are let go after their last
 * reader.
 */
export function evaluate(graph: Graph, inputs: ReadonlyMap<string, InputData>): Map<string, Dense> {
  const values = new Map<Value, Dense>();
  for (const { name, value } of graph.inputs) values.set(value, inputOf(name, value, inputs));
  const dying = lastReads(graph);
  for (const node of graph.nodes) {
    if (node.op !== "input") evaluateNode(node, values);
    for (const value of dying.get(node) ?? []) values.delete(value);
  }
  return new Map(graph.outputs.map(({ name, value }) => [name, known(values, value)]));
}

function inputOf(name: string, value: Value, inputs: ReadonlyMap<string, InputData>): Dense {
  const data = inputs.get(name);
  const { shape } = value.type;
  if (data?.length !== sizeOf(shape)) {
    const given = data ? `${data.length} numbers are` : "nothing is";
    throw new InternalError(`input ${name} is ${printType(value.type)}, but ${given} given`);
  }
  return { shape, data: Float64Array.from(data) };
}

function known(values: ReadonlyMap<Value, Dense>, value: Value): Dense {
  const dense = values.get(value);
  if (!dense) throw new InternalError(`a value of ${value.node.op} is read before it is computed`);
  return dense;
}

function evaluateNode(node: Node, values: Map<Value, Dense>): void {
  const operands = mapOperands<OperandTable, Dense>(node.operands, (value) => known(values, value));
  const types = node.results.map((value) => value.type);
  const results = anyOperator(node.op).evaluate(operands, node.attrs, types);
  node.results.forEach((value, index) => {
    values.set(value, results[index]!);
  });
}

/** For each node, the values that nothing after it reads. */
function lastReads(graph: Graph): Map<Node, Value[]> {
  const seen = new Set(graph.outputs.map(({ value }) => value));
  const last = new Map<Node, Value[]>();
  for (const node of graph.nodes.toReversed()) {
    const dying = [...node.results, ...operandsOf(node)].filter((value) => !seen.has(value));
    for (const value of dying) seen.add(value);
    last.set(node, dying);
  }
  return last;
}
