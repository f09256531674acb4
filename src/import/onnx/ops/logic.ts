import type { BinaryFunction } from "../../../ir/ops/arithmetic.js";
import { broadcastShape, broadcastTo } from "../../../ir/ops/broadcast.js";
import { sizeOf } from "../../../ir/types.js";
import { checkFolded } from "../apply.js";
import { type Item, isFloat, knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { legacyRight, plus } from "./arithmetic.js";
import type { OpReader, OpReaders } from "./reader.js";

/** A function whose results are 0 and 1. */
const truth = (node: NodeReader, fn: BinaryFunction, left: Item, right: Item): Item =>
  node.apply("binary", { left, right }, { fn }, "bool");

const comparison =
  (fn: BinaryFunction, turned = false): OpReader =>
  (node) => {
    const left = node.input(0);
    const right = legacyRight(node, left, node.input(1));
    return turned ? truth(node, fn, right, left) : truth(node, fn, left, right);
  };

/** 1 where a truth is 0, else 0. */
export const negated = (node: NodeReader, input: Item): Item =>
  truth(node, "equal", input, node.scalar(0, "bool"));

/** `condition ? yes : no`, which broadcast to each other. */
export function chosen(node: NodeReader, condition: Item, yes: Item, no: Item): Item {
  const mask = (left: Item, right: Item): Item =>
    node.apply("binary", { left, right }, { fn: "mask" }, yes.dtype);
  return plus(node, mask(yes, condition), mask(no, negated(node, condition)));
}

/** What is known is chosen number by number, whatever its type. */
const where: OpReader = (node) => {
  const [condition, yes, no] = [node.input(0), node.input(1), node.input(2)];
  if (condition.kind !== "known" || yes.kind !== "known" || no.kind !== "known") {
    return chosen(node, condition, yes, no);
  }
  const both = broadcastShape(condition.shape, yes.shape);
  const shape = both && broadcastShape(both, no.shape);
  if (!shape)
    return node.refuse(`its operands are [${condition.shape}], [${yes.shape}], [${no.shape}]`);
  checkFolded([sizeOf(shape)], [condition, yes, no]);
  const [c, a, b] = [condition, yes, no].map((item) => broadcastTo(item.dense(), shape).data);
  return knownNumbers(
    yes.dtype,
    shape,
    c!.map((holds, at) => (holds !== 0 ? a![at]! : b![at]!)),
  );
};

/** `a − b · floor(a / b)`; truncated where asked (`fmod`). */
const modulo: OpReader = (node) => {
  const isTruncated = node.flag("fmod", false);
  const [left, right] = [node.input(0), node.input(1)];
  const both = broadcastShape(left.shape, right.shape);
  if (!both) return node.refuse(`its operands are [${left.shape}] and [${right.shape}]`);
  checkFolded([sizeOf(both)], [left, right]);
  const a = broadcastTo(node.asKnown(left, "left operand").dense(), both).data;
  const b = broadcastTo(node.asKnown(right, "right operand").dense(), both).data;
  const rest = a.map((x, at) => {
    const y = b[at]!;
    return isTruncated || isFloat(left.dtype) ? x % y : x - y * Math.floor(x / y);
  });
  return knownNumbers(left.dtype, both, rest);
};

export const logicReaders: OpReaders = {
  Equal: comparison("equal"),
  Less: comparison("less"),
  LessOrEqual: comparison("lessOrEqual"),
  Greater: comparison("less", true),
  GreaterOrEqual: comparison("lessOrEqual", true),
  And: comparison("mul"),
  Or: comparison("max"),
  Xor: (node) => negated(node, truth(node, "equal", node.input(0), node.input(1))),
  Not: (node) => negated(node, node.input(0)),
  IsNaN: (node) => negated(node, truth(node, "equal", node.input(0), node.input(0))),
  Mod: modulo,
  Where: where,
};
