import type { BinaryFunction } from "../../../ir/ops/arithmetic.js";
import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import type { OpReader, OpReaders } from "./reader.js";

const combine =
  (fn: BinaryFunction) =>
  (node: NodeReader, left: Item, right: Item): Item =>
    node.apply("binary", { left, right }, { fn });

export const plus = combine("add");
export const minus = combine("sub");
export const multiply = combine("mul");
export const divide = combine("div");

export const squareRoot = (node: NodeReader, input: Item): Item =>
  node.apply("unary", { input }, { fn: { kind: "sqrt" } });

/** The mean over axes, which stay as axes of one element. */
export const meanOf = (node: NodeReader, input: Item, axes: readonly number[]): Item =>
  node.apply("reduce", { input }, { fn: "mean", axes, keepDims: true });

/**
 * The right operand of the oldest models' arithmetic: it lies at `axis` of the left one, or at its last
 * axes, and repeats along the others.
 */
export function legacyRight(node: NodeReader, left: Item, right: Item): Item {
  if (node.opset >= 7) return right;
  const isBroadcast = node.flag("broadcast", false);
  const rank = left.shape.length;
  const axis = node.int("axis", rank - right.shape.length);
  if (!isBroadcast || right.shape.length === 0) return right;
  const behind = rank - node.axis(axis, rank) - right.shape.length;
  if (behind < 0)
    node.refuse(`its axis is ${axis}, its operands [${left.shape}] and [${right.shape}]`);
  return node.reshape(right, [...right.shape, ...Array.from({ length: behind }, () => 1)]);
}

const binary =
  (fn: BinaryFunction): OpReader =>
  (node) => {
    node.ignore("consumed_inputs");
    const left = node.input(0);
    return combine(fn)(node, left, legacyRight(node, left, node.input(1)));
  };

const folded = (node: NodeReader, fn: BinaryFunction): Item => {
  node.ignore("consumed_inputs");
  const [first = node.input(0), ...rest] = node.all();
  return rest.reduce((left, right) => combine(fn)(node, left, right), first);
};

export const arithmeticReaders: OpReaders = {
  Add: binary("add"),
  Sub: binary("sub"),
  Mul: binary("mul"),
  Div: binary("div"),
  Pow: binary("pow"),
  Max: (node) => folded(node, "max"),
  Min: (node) => folded(node, "min"),
  Sum: (node) => folded(node, "add"),
  Mean: (node) => {
    const sum = folded(node, "add");
    const { count } = node;
    return count === 1 ? sum : divide(node, sum, node.scalar(count));
  },
};
