import { InternalError } from "../diagnostics/report.js";
import { type Graph, type Node, operandsOf, type Value } from "./graph.js";
import { typesOf } from "./operands.js";
import { anyOperator } from "./ops/index.js";
import { type OperandTable, ShapeError } from "./ops/operator.js";
import { printType, sameShape, sameType, type TensorType } from "./types.js";

/**
 * Throws InternalError unless the graph holds together: every node stands once and after its
 * operands, types are what the operators infer, and inputs, outputs and parameters are consistent.
 */
export function verify(graph: Graph): void {
  const fail = (problem: string): never => {
    throw new InternalError(`graph ${graph.name}: ${problem}`);
  };
  verifyNodes(graph, fail);
  verifyBorder(graph, fail);
  verifyParameters(graph, fail);
}

type Fail = (problem: string) => never;

const nameOf = (node: Node): string => (node.name ? `${node.op} ${node.name}` : node.op);

const isOwn = (value: Value): boolean => value.node.results[value.index] === value;

function verifyNodes(graph: Graph, fail: Fail): void {
  const before = new Set<Node>();
  for (const node of graph.nodes) {
    if (before.has(node)) fail(`${nameOf(node)} stands twice`);
    for (const value of operandsOf(node)) {
      const operand = nameOf(value.node);
      if (!isOwn(value)) fail(`${nameOf(node)} reads a value that ${operand} does not have`);
      if (!before.has(value.node)) fail(`${nameOf(node)} does not stand after ${operand}`);
    }
    verifyTypes(node, fail);
    before.add(node);
  }
}

function verifyTypes(node: Node, fail: Fail): void {
  const types = inferAgain(node, fail);
  if (types.length !== node.results.length) {
    fail(`${nameOf(node)} has ${node.results.length} results instead of ${types.length}`);
  }
  node.results.forEach((value, index) => {
    if (value.node !== node || value.index !== index) {
      fail(`result ${index} of ${nameOf(node)} does not know its node`);
    }
    const inferred = types[index]!;
    if (sameType(inferred, value.type)) return;
    fail(`${nameOf(node)} is ${printType(value.type)} but infers ${printType(inferred)}`);
  });
}

function inferAgain(node: Node, fail: Fail): readonly TensorType[] {
  try {
    return anyOperator(node.op).infer(typesOf<OperandTable>(node.operands), node.attrs);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return fail(`${nameOf(node)} does not fit its operands: ${error.code}`);
  }
}

function verifyBorder(graph: Graph, fail: Fail): void {
  const nodes = new Set(graph.nodes);
  const listed = new Set(graph.inputs.map(({ value }) => value.node));
  for (const [kind, border] of [
    ["input", graph.inputs],
    ["output", graph.outputs],
  ] as const) {
    const names = new Set<string>();
    for (const { name, value } of border) {
      if (names.has(name)) fail(`two ${kind}s are called ${name}`);
      names.add(name);
      if (!nodes.has(value.node) || !isOwn(value)) fail(`${kind} ${name} is no value of the graph`);
    }
  }
  for (const { name, value } of graph.inputs) {
    if (value.node.op !== "input") fail(`input ${name} is a ${value.node.op}`);
    else if (value.node.attrs.name !== name) fail(`input ${name} is ${value.node.attrs.name}`);
  }
  for (const node of graph.nodes) {
    if (node.op === "input" && !listed.has(node)) fail(`input ${node.attrs.name} is not listed`);
  }
}

function verifyParameters(graph: Graph, fail: Fail): void {
  const shapes = new Map<string, readonly number[]>();
  for (const node of graph.nodes) {
    if (node.op !== "parameter") continue;
    const { path, shape } = node.attrs;
    const other = shapes.get(path) ?? shape;
    if (!sameShape(shape, other)) fail(`parameter ${path} is both [${other}] and [${shape}]`);
    shapes.set(path, shape);
  }
}
