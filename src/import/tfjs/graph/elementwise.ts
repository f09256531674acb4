import type { Value } from "../../../ir/graph.js";
import type { BinaryFunction, UnaryFunction } from "../../../ir/ops/arithmetic.js";
import { broadcastShape, broadcastTo } from "../../../ir/ops/broadcast.js";
import { binaryFormulas, unaryFormula } from "../../../ir/ops/formulas.js";
import { combine } from "../feature.js";
import { activate, rectify, softmax } from "../operators/activate.js";
import { binary, unary } from "../operators/values.js";
import { refuse } from "../reading.js";
import type { GraphNode, NodeReader } from "./graph-node.js";
import { type Item, Known } from "./item.js";

/** Two known tensors under a function of two numbers. */
function folded(
  node: GraphNode,
  left: Known,
  right: Known,
  fn: (x: number, y: number) => number,
): Known {
  const shape = broadcastShape(left.shape, right.shape);
  if (!shape) return refuse(`[${left.shape}] and [${right.shape}] do not fit`);
  const a = broadcastTo(node.dense(left), shape).data;
  const b = broadcastTo(node.dense(right), shape).data;
  return Known.numbers(
    shape,
    a.map((x, at) => fn(x, b[at]!)),
    left.isFloat && right.isFloat,
  );
}

/** A function of two tensors; of two known ones the result is known. */
function apply(
  node: GraphNode,
  formula: (x: number, y: number) => number,
  fn: ((x: Value, y: Value) => Value) | undefined,
): Item {
  const [left, right] = [node.item(0), node.item(1)];
  if (left instanceof Known && right instanceof Known) return folded(node, left, right, formula);
  if (!fn) return refuse("it is computed on shapes only");
  return combine(node.feature(0, "left"), node.feature(1, "right"), fn);
}

const two =
  (fn: BinaryFunction): NodeReader =>
  (node) =>
    apply(node, binaryFormulas[fn], (x, y) => binary(fn, x, y));

const onShapes =
  (formula: (x: number, y: number) => number): NodeReader =>
  (node) =>
    apply(node, formula, undefined);

const squaredDifference: NodeReader = (node) =>
  apply(
    node,
    (x, y) => (x - y) ** 2,
    (x, y) => {
      const difference = binary("sub", x, y);
      return binary("mul", difference, difference);
    },
  );

const one =
  (fn: UnaryFunction): NodeReader =>
  (node) => {
    const item = node.item(0);
    if (!(item instanceof Known)) return item.map((x) => unary(x, fn));
    return Known.numbers(item.shape, node.dense(item).data.map(unaryFormula(fn)), item.isFloat);
  };

const named =
  (name: string): NodeReader =>
  (node) =>
    activate(node.feature(0), name);

const rsqrt: NodeReader = (node) => {
  const item = node.item(0);
  if (item instanceof Known) {
    return Known.numbers(
      item.shape,
      node.dense(item).data.map((x) => 1 / Math.sqrt(x)),
      item.isFloat,
    );
  }
  return item.map((x) => unary(unary(x, { kind: "sqrt" }), { kind: "reciprocal" }));
};

const square: NodeReader = (node) => {
  const item = node.item(0);
  if (item instanceof Known) {
    return Known.numbers(
      item.shape,
      node.dense(item).data.map((x) => x * x),
      item.isFloat,
    );
  }
  return item.map((x) => binary("mul", x, x));
};

const addN: NodeReader = (node) =>
  node.items
    .map((_, at) => node.feature(at, `value${at}`))
    .reduce((sum, next) => combine(sum, next, (x, y) => binary("add", x, y)));

const prelu: NodeReader = (node) =>
  combine(node.feature(0), node.feature(1, "slope"), (x, slope) => binary("prelu", x, slope));

const clip: NodeReader = (node) => {
  const [min] = node.known(1, "least value");
  const [max] = node.known(2, "largest value");
  return node.feature(0).map((x) => unary(x, { kind: "clip", min: min ?? 0, max: max ?? 0 }));
};

/** Functions of single numbers, by operator. */
export const elementwiseReaders: readonly (readonly [string, NodeReader])[] = [
  ["Add", two("add")],
  ["AddV2", two("add")],
  ["Sub", two("sub")],
  ["Mul", two("mul")],
  ["RealDiv", two("div")],
  ["Div", two("div")],
  ["Maximum", two("max")],
  ["Minimum", two("min")],
  ["Pow", two("pow")],
  ["SquaredDifference", squaredDifference],
  ["FloorDiv", onShapes((x, y) => Math.floor(x / y))],
  ["FloorMod", onShapes((x, y) => x - y * Math.floor(x / y))],
  ["AddN", addN],
  ["Relu", named("relu")],
  ["Relu6", named("relu6")],
  ["Elu", named("elu")],
  ["Selu", named("selu")],
  ["Sigmoid", named("sigmoid")],
  ["Tanh", named("tanh")],
  ["Softplus", named("softplus")],
  ["Softsign", named("softsign")],
  ["LeakyRelu", (node) => rectify(node.feature(0), node.number("alpha", 0.2), undefined)],
  ["Prelu", prelu],
  ["ClipByValue", clip],
  ["Softmax", (node) => softmax(node.feature(0), -1, false)],
  ["LogSoftmax", (node) => softmax(node.feature(0), -1, true)],
  ["Exp", one({ kind: "exp" })],
  ["Log", one({ kind: "log" })],
  ["Sqrt", one({ kind: "sqrt" })],
  ["Abs", one({ kind: "abs" })],
  ["Neg", one({ kind: "neg" })],
  ["Erf", one({ kind: "erf" })],
  ["Reciprocal", one({ kind: "reciprocal" })],
  ["Inv", one({ kind: "reciprocal" })],
  ["Rsqrt", rsqrt],
  ["Square", square],
];
