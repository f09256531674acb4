import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { poolIndices } from "./arg.js";
import type { OpReader, OpReaders } from "./reader.js";
import { asImage, likeInput, windowOf } from "./window.js";

function poolAttributes(node: NodeReader, input: Item) {
  const kernel = node.ints("kernel_shape") ?? node.refuse("its kernel_shape is missing");
  return { ...windowOf(node, input, kernel), ceil: node.flag("ceil_mode", false) };
}

const maxPool: OpReader = (node) => {
  const input = node.input(0);
  const image = asImage(node, input);
  const columnMajor = node.flag("storage_order", false);
  const attrs = poolAttributes(node, input);
  const result = likeInput(node, node.apply("maxPool", { input: image }, attrs), input);
  const isAskedWhere = (node.message.outputs[1] ?? "") !== "";
  if (!isAskedWhere) return result;
  return [result, poolIndices(node, input, result, attrs, columnMajor)];
};

function averageOf(node: NodeReader, input: Item, countIncludePad: boolean): Item {
  const attrs = { ...poolAttributes(node, input), countIncludePad };
  const result = node.apply("avgPool", { input: asImage(node, input) }, attrs);
  return likeInput(node, result, input);
}

const averagePool: OpReader = (node) =>
  averageOf(node, node.input(0), node.flag("count_include_pad", false));

/** `|x|^p`, or its root for `1 / p`. */
function power(node: NodeReader, input: Item, exponent: number): Item {
  if (exponent === 1) return input;
  if (exponent === 2) return node.apply("binary", { left: input, right: input }, { fn: "mul" });
  if (exponent === 0.5) return node.apply("unary", { input }, { fn: { kind: "sqrt" } });
  return node.apply("binary", { left: input, right: node.scalar(exponent) }, { fn: "pow" });
}

/** `x^p` of magnitudes. */
export const powerOf = (node: NodeReader, input: Item, p: number): Item =>
  p === 2
    ? power(node, input, 2)
    : power(node, node.apply("unary", { input }, { fn: { kind: "abs" } }), p);

/** The `p`-th root. */
export const rootOf = (node: NodeReader, input: Item, p: number): Item => power(node, input, 1 / p);

/** The exponent of a norm: an integer, a float in the oldest models. */
const exponentOf = (node: NodeReader): number =>
  node.opset < 2 ? node.float("p", 2) : node.int("p", 2);

/** The norm of each window: the mean of the powers, times the window's size. */
const lpPool: OpReader = (node) => {
  const p = exponentOf(node);
  const input = node.input(0);
  const mean = averageOf(node, powerOf(node, input, p), true);
  const size = (node.ints("kernel_shape") ?? []).reduce((product, n) => product * n, 1);
  const sum = node.apply("binary", { left: mean, right: node.scalar(size) }, { fn: "mul" });
  return rootOf(node, sum, p);
};

function overImage(node: NodeReader, input: Item, fn: "mean" | "max" | "sum"): Item {
  const axes = input.shape.map((_, axis) => axis).slice(2);
  return node.apply("reduce", { input }, { fn, axes, keepDims: true });
}

export const poolReaders: OpReaders = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalAveragePool: (node) => overImage(node, node.input(0), "mean"),
  GlobalMaxPool: (node) => overImage(node, node.input(0), "max"),
  GlobalLpPool: (node) => {
    const p = exponentOf(node);
    return rootOf(node, overImage(node, powerOf(node, node.input(0), p), "sum"), p);
  },
};
