import { dataOf } from "../ir/constants.js";
import type { Node, NodeOf, Value } from "../ir/graph.js";
import type { BinaryFunction, UnaryFunction } from "../ir/ops/arithmetic.js";
import type { OpName } from "../ir/ops/index.js";
import { defineRule } from "../ir/rewrite.js";
import { sameShape, sameType } from "../ir/types.js";
import { rulePass } from "./pass.js";

/**
 * Removes nodes whose result is one of their operands, number for number: dropout, reshapes, slices,
 * pads and pools that do nothing, sums with 0 and products with 1, an activation of values that it
 * leaves alone.
 */
export const removeIdentities = rulePass(
  "remove nodes that return their operand",
  defineRule({
    name: "remove-identities",
    op: [
      "dropout",
      "cast",
      "unary",
      "binary",
      "maxPool",
      "avgPool",
      "reduce",
      "reshape",
      "transpose",
      "concat",
      "slice",
      "split",
      "pad",
      "resize",
      "channelShuffle",
      "pixelShuffle",
    ],
    exactness: "bitwise",
    apply: (node) => sameAs(node),
  }),
);

/** The operand that a node's only result equals, if there is one. */
function sameAs(node: Node): Value | undefined {
  const [result] = node.results;
  if (!result || node.results.length > 1) return undefined;
  if (node.op === "unary") return unaryOperand(node);
  if (node.op === "binary") return binaryOperand(node);
  if (node.op === "concat") {
    return node.operands.inputs.length === 1 ? node.operands.inputs[0] : undefined;
  }
  if (!("input" in node.operands)) return undefined;
  const { input } = node.operands;
  return sameType(input.type, result.type) && keepsElements(node) ? input : undefined;
}

/** Whether a node whose result has its input's type returns its input. */
function keepsElements(node: Node): boolean {
  switch (node.op) {
    case "maxPool":
    case "avgPool":
      // Without padding only a window of one element keeps the size.
      return node.attrs.pads.every((amount) => amount === 0);
    case "transpose": {
      const { permutation } = node.attrs;
      const { shape } = node.operands.input.type;
      const moved = permutation.filter((axis) => shape[axis]! > 1);
      return moved.every((axis, at) => at === 0 || axis > moved[at - 1]!);
    }
    case "slice":
      return node.attrs.steps.every((step, axis) => step > 0 || node.attrs.sizes[axis] === 1);
    case "channelShuffle": {
      const channels = node.operands.input.type.shape[1];
      return node.attrs.groups === 1 || node.attrs.groups === channels;
    }
    default:
      return keepsAlways.includes(node.op);
  }
}

/** Operators that return their input whenever the type stays: each axis is as long as before. */
const keepsAlways: readonly OpName[] = [
  "dropout",
  "cast",
  "reduce",
  "reshape",
  "split",
  "pad",
  "resize",
  "pixelShuffle",
];

function unaryOperand({ operands, attrs }: NodeOf<"unary">): Value | undefined {
  const before = operands.input.node;
  if (before.op !== "unary") return undefined;
  const [outer, inner] = [attrs.fn, before.attrs.fn];
  if (outer.kind === "neg" && inner.kind === "neg") return before.operands.input;
  const [low, high] = rangeOf(inner);
  return leavesAlone(outer, low, high) ? operands.input : undefined;
}

const everything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** Smallest and largest result, where every target keeps to it exactly. */
function rangeOf(fn: UnaryFunction): readonly [number, number] {
  if (fn.kind === "clip") return [fn.min, fn.max];
  if (fn.kind === "hardSigmoid") return [0, 1];
  const isPositive = fn.kind === "relu" || fn.kind === "abs" || fn.kind === "sqrt";
  return isPositive ? [0, Number.POSITIVE_INFINITY] : everything;
}

/** Whether a function returns every number from `low` to `high` as it is. */
function leavesAlone(fn: UnaryFunction, low: number, high: number): boolean {
  if (fn.kind === "relu" || fn.kind === "abs" || fn.kind === "leakyRelu") return low >= 0;
  return fn.kind === "clip" && fn.min <= low && high <= fn.max;
}

/** The number that leaves the other operand as it is, where it stands on the right. */
const neutral: { readonly [K in BinaryFunction]?: number } = {
  add: 0,
  sub: 0,
  mul: 1,
  div: 1,
  pow: 1,
  prelu: 1,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
};

/** Functions whose operands may change places. */
const symmetric: readonly BinaryFunction[] = ["add", "mul", "min", "max"];

function binaryOperand({ operands, attrs, results }: NodeOf<"binary">): Value | undefined {
  const { left, right } = operands;
  const isNeutral = (value: Value): boolean =>
    dataOf(value)?.every((x) => x === neutral[attrs.fn]) ?? false;
  const keeps = (value: Value): boolean => sameShape(value.type.shape, results[0]!.type.shape);
  if (keeps(left) && isNeutral(right)) return left;
  if (symmetric.includes(attrs.fn) && keeps(right) && isNeutral(left)) return right;
  return undefined;
}
