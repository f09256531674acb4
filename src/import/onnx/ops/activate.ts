import type { UnaryFunction } from "../../../ir/ops/arithmetic.js";
import { elementsOf, type Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { divide, legacyRight, multiply, plus } from "./arithmetic.js";
import type { OpReader, OpReaders } from "./reader.js";

const unary = (node: NodeReader, input: Item, fn: UnaryFunction): Item =>
  node.apply("unary", { input }, { fn });

/** Operators that are a function of the graph; `fn` reads its attributes. */
const map =
  (fn: (node: NodeReader) => UnaryFunction): OpReader =>
  (node) => {
    node.ignore("consumed_inputs");
    return unary(node, node.input(0), fn(node));
  };

const plain = {
  Relu: "relu",
  Sigmoid: "sigmoid",
  Tanh: "tanh",
  Softplus: "softplus",
  HardSwish: "hardSwish",
  Mish: "mish",
  Neg: "neg",
  Abs: "abs",
  Sqrt: "sqrt",
  Exp: "exp",
  Log: "log",
  Erf: "erf",
  Reciprocal: "reciprocal",
  Floor: "floor",
  Ceil: "ceil",
  Round: "round",
  Sign: "sign",
} as const;

/** `γ · (x > 0 ? x : α · (exp(x) − 1))`; the usual constants are one function. */
const selu: OpReader = (node) => {
  node.ignore("consumed_inputs");
  const isFirst = node.opset < 6;
  const alpha = node.float("alpha", isFirst ? 1.6732 : 1.6732632423543772);
  const gamma = node.float("gamma", isFirst ? 1.0507 : 1.0507009873554805);
  const input = node.input(0);
  const isUsual = Math.abs(alpha - 1.67326324) < 1e-6 && Math.abs(gamma - 1.05070099) < 1e-6;
  if (isUsual) return unary(node, input, { kind: "selu" });
  return multiply(node, unary(node, input, { kind: "elu", alpha }), node.scalar(gamma));
};

/** `α · elu(x / α)`. */
const celu: OpReader = (node) => {
  const alpha = node.float("alpha", 1);
  const input = node.input(0);
  if (alpha === 1) return unary(node, input, { kind: "elu", alpha: 1 });
  const scaled = unary(node, divide(node, input, node.scalar(alpha)), { kind: "elu", alpha: 1 });
  return multiply(node, scaled, node.scalar(alpha));
};

/** `x · sigmoid(α · x)`. */
const swish: OpReader = (node) => {
  const alpha = node.float("alpha", 1);
  const input = node.input(0);
  if (alpha === 1) return unary(node, input, { kind: "silu" });
  const gate = unary(node, multiply(node, input, node.scalar(alpha)), { kind: "sigmoid" });
  return multiply(node, input, gate);
};

/** `x / (1 + |x|)`. */
const softsign: OpReader = (node) => {
  const input = node.input(0);
  const size = unary(node, input, { kind: "abs" });
  return divide(node, input, plus(node, size, node.scalar(1)));
};

/** `x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))` where it is asked for, else by erf. */
const gelu: OpReader = (node) => {
  const input = node.input(0);
  const form = node.choice("approximate", ["none", "tanh"], "none");
  if (form === "none") return unary(node, input, { kind: "gelu" });
  const cube = multiply(node, multiply(node, input, input), input);
  const inner = plus(node, input, multiply(node, cube, node.scalar(0.044715)));
  const scaled = multiply(node, inner, node.scalar(Math.sqrt(2 / Math.PI)));
  const gate = plus(node, unary(node, scaled, { kind: "tanh" }), node.scalar(1));
  return multiply(node, multiply(node, input, node.scalar(0.5)), gate);
};

/** Bounds that are attributes in the oldest models, operands since; a minimum above the maximum gives the maximum. */
const clip: OpReader = (node) => {
  node.ignore("consumed_inputs");
  const input = node.input(0);
  const isOld = node.opset < 11;
  const max = isOld
    ? node.float("max", Number.POSITIVE_INFINITY)
    : (node.number(2, "max") ?? Number.POSITIVE_INFINITY);
  const min = isOld
    ? node.float("min", Number.NEGATIVE_INFINITY)
    : (node.number(1, "min") ?? Number.NEGATIVE_INFINITY);
  return unary(node, input, { kind: "clip", min: Math.min(min, max), max });
};

/**
 * A slope for each channel is a parameter `[c]` under the shape that broadcasts; the oldest models
 * write it as such.
 */
const prelu: OpReader = (node) => {
  node.ignore("consumed_inputs");
  const [left, slope] = [node.input(0), node.input(1)];
  const rank = left.shape.length;
  const channels = left.shape[1] ?? 1;
  const count = elementsOf(slope);
  const last = slope.shape.length - rank + 1;
  const isPerChannel =
    count === channels && (node.opset < 7 || slope.shape.every((n, at) => at === last || n === 1));
  if (slope.kind === "computed" || (!isPerChannel && count > 1)) {
    return node.apply("binary", { left, right: legacyRight(node, left, slope) }, { fn: "prelu" });
  }
  const weight = node.parameter(node.reshape(slope, [count]), "weight");
  const spread = rank > 1 ? [count, ...left.shape.slice(2).map(() => 1)] : [count];
  return node.apply("binary", { left, right: node.reshape(weight, spread) }, { fn: "prelu" });
};

/** Since opset 13 along one axis; before, over all axes from one on. */
const softmax =
  (isLog: boolean): OpReader =>
  (node) => {
    const input = node.input(0);
    const rank = input.shape.length;
    if (node.opset >= 13) {
      const axis = node.axis(node.int("axis", -1), rank);
      return node.apply("softmax", { input }, { axis, log: isLog });
    }
    const rows = flattened(node, input, node.int("axis", 1));
    return node.reshape(
      node.apply("softmax", { input: rows }, { axis: 1, log: isLog }),
      input.shape,
    );
  };

/** A tensor as rows: the axes in front of one, and those from it on. */
export function flattened(node: NodeReader, input: Item, axis: number): Item {
  const rank = input.shape.length;
  const first = axis === rank ? rank : node.axis(axis, rank);
  const rows = input.shape.slice(0, first).reduce((size, n) => size * n, 1);
  const columns = input.shape.slice(first).reduce((size, n) => size * n, 1);
  return node.reshape(input, [rows, columns]);
}

export const activationReaders: OpReaders = {
  ...Object.fromEntries(
    Object.entries(plain).map(([name, kind]) => [name, map(() => ({ kind }))] as const),
  ),
  LeakyRelu: map((node) => ({ kind: "leakyRelu", slope: node.float("alpha", 0.01) })),
  ThresholdedRelu: map((node) => ({ kind: "threshold", least: node.float("alpha", 1) })),
  Elu: map((node) => ({ kind: "elu", alpha: node.float("alpha", 1) })),
  HardSigmoid: map((node) => ({
    kind: "hardSigmoid",
    slope: node.float("alpha", 0.2),
    offset: node.float("beta", 0.5),
  })),
  Selu: selu,
  Celu: celu,
  Swish: swish,
  Softsign: softsign,
  Gelu: gelu,
  Clip: clip,
  PRelu: prelu,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
