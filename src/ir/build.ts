import type { Span } from "../diagnostics/diagnostic.js";
import type { Node, NodeOf, Value } from "./graph.js";
import { typesOf } from "./operands.js";
import { checkResult } from "./ops/check.js";
import { type AttributesOf, anyOperator, type OperandsOf, type OpName } from "./ops/index.js";
import type { OperandTable } from "./ops/operator.js";

/** What a node remembers of where it came from. */
export interface Origin {
  readonly name?: string;
  readonly span?: Span | undefined;
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
  const types = anyOperator(op).infer(typesOf<OperandTable>(operands), attrs);
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
