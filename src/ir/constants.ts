import { constantOf } from "./build.js";
import type { NodeOf, Value } from "./graph.js";
import { sameShape } from "./types.js";

/** The constant behind a value; undefined when it is known only at run time or not bound yet. */
export const constantNode = (value: Value): NodeOf<"constant"> | undefined =>
  value.node.op === "constant" ? value.node : undefined;

export const isConstant = (value: Value): boolean => value.node.op === "constant";

/** A constant's numbers, row-major and not to be written; undefined when it is no constant. */
export const dataOf = (value: Value): Float32Array | undefined => constantNode(value)?.attrs.data;

/** The one number of a constant with one element. */
export function scalarOf(value: Value): number | undefined {
  const data = dataOf(value);
  return data?.length === 1 ? data[0] : undefined;
}

/**
 * A constant with other numbers, under the same role, name and place; under another shape when one
 * is given. The same value when nothing differs.
 */
export function withData(
  value: Value,
  data: Float32Array,
  shape: readonly number[] = value.type.shape,
): Value {
  const old = constantNode(value);
  const isSame = old && sameShape(old.attrs.shape, shape) && sameNumbers(old.attrs.data, data);
  if (isSame) return value;
  const { name, span } = value.node;
  return constantOf(shape, data, old?.attrs.role ?? "literal", { name, span });
}

const sameNumbers = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((x, i) => Object.is(x, b[i]));
