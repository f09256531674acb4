import type { Span } from "../diagnostics/diagnostic.js";
import type { Node, NodeOf, Value } from "./graph.js";
import { checkResult } from "./ops/check.js";
import { type AttributesOf, type OperandsOf, type OpName, operators } from "./ops/index.js";
import type { AttributeTable, OperandsAs, OperandTable, Operator } from "./ops/operator.js";
import type { TensorType } from "./types.js";

/** What a node remembers of where it came from. */
export interface Origin {
  readonly name?: string;
  readonly span?: Span | undefined;
}

const isList = (operand: Value | readonly Value[]): operand is readonly Value[] =>
  Array.isArray(operand);

/** The operands' types under the operands' names. */
export function typesOf<O extends OperandTable>(operands: O): OperandsAs<O, TensorType> {
  const entries = Object.entries(operands).map(([name, operand]) => [
    name,
    operand === undefined
      ? undefined
      : isList(operand)
        ? operand.map((value) => value.type)
        : operand.type,
  ]);
  return Object.fromEntries(entries) as OperandsAs<O, TensorType>;
}

/**
 * The only constructor of nodes: infers the results' types and freezes the node.
 * Throws ShapeError when the operands do not fit.
 */
export function buildNode<K extends OpName>(
  op: K,
  operands: OperandsOf<K>,
  attrs: AttributesOf<K>,
  origin: Origin = {},
): NodeOf<K> {
  const operator = operators[op] as unknown as Operator<OperandTable, AttributeTable>;
  const types = operator.infer(typesOf<OperandTable>(operands), attrs);
  for (const type of types) checkResult(op, type);
  const results: Value[] = [];
  const node = { op, attrs, operands, results, name: origin.name ?? "", span: origin.span };
  types.forEach((type, index) => {
    results.push(Object.freeze({ node: node as unknown as Node, index, type }));
  });
  Object.freeze(results);
  return Object.freeze(node) as unknown as NodeOf<K>;
}

/** `buildNode` for operators with one result: that result. */
export function build<K extends OpName>(
  op: K,
  operands: OperandsOf<K>,
  attrs: AttributesOf<K>,
  origin: Origin = {},
): Value {
  return buildNode(op, operands, attrs, origin).results[0]!;
}

/** A constant of the given shape. */
export const constantOf = (
  shape: readonly number[],
  data: Float32Array,
  role: AttributesOf<"constant">["role"] = "literal",
  origin: Origin = {},
): Value => build("constant", {}, { role, shape, data }, origin);
