import type { ReduceAttributes } from "../../../ir/ops/pool.js";
import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { multiply, squareRoot } from "./arithmetic.js";
import type { OpReader, OpReaders } from "./reader.js";

/** The axes of a reduction: an attribute, an operand since 13 (sums) or 18; all when there is none. */
function axesOf(node: NodeReader, rank: number): readonly number[] | undefined {
  const told = node.numbers(1, "axes") ?? node.ints("axes");
  if (told && told.length > 0) return node.axes(told, rank);
  if (node.flag("noop_with_empty_axes", false)) return undefined;
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** A reduction of what `prepare` makes of the elements, then `finish`. */
const reduction =
  (
    fn: ReduceAttributes["fn"],
    prepare: (node: NodeReader, input: Item) => Item = (_, input) => input,
    finish: (node: NodeReader, result: Item) => Item = (_, result) => result,
  ): OpReader =>
  (node) => {
    const input = node.input(0);
    const keepDims = node.flag("keepdims", true);
    const axes = axesOf(node, input.shape.length);
    const prepared = prepare(node, input);
    if (axes === undefined || axes.length === 0) return finish(node, prepared);
    return finish(node, node.apply("reduce", { input: prepared }, { fn, axes, keepDims }));
  };

const absolute = (node: NodeReader, input: Item): Item =>
  node.apply("unary", { input }, { fn: { kind: "abs" } });
const square = (node: NodeReader, input: Item): Item => multiply(node, input, input);
const exponential = (node: NodeReader, input: Item): Item =>
  node.apply("unary", { input }, { fn: { kind: "exp" } });
const logarithm = (node: NodeReader, input: Item): Item =>
  node.apply("unary", { input }, { fn: { kind: "log" } });

/** Products along an axis: of halves, until one is left. */
function productAlong(node: NodeReader, input: Item, axis: number): Item {
  const size = input.shape[axis]!;
  if (size <= 1) return input;
  const half = Math.floor(size / 2);
  const part = (start: number, count: number): Item =>
    node.apply(
      "slice",
      { input },
      {
        starts: input.shape.map((_, at) => (at === axis ? start : 0)),
        sizes: input.shape.map((all, at) => (at === axis ? count : all)),
        steps: input.shape.map(() => 1),
      },
    );
  const products = multiply(node, part(0, half), part(half, half));
  if (size % 2 === 0) return productAlong(node, products, axis);
  const inputs = [products, part(size - 1, 1)];
  return productAlong(node, node.apply("concat", { inputs }, { axis }), axis);
}

const reduceProduct: OpReader = (node) => {
  const input = node.input(0);
  const keepDims = node.flag("keepdims", true);
  const axes = axesOf(node, input.shape.length) ?? [];
  const product = axes.reduce((item, axis) => productAlong(node, item, axis), input);
  const shape = product.shape.filter((_, axis) => keepDims || !axes.includes(axis));
  return node.reshape(product, shape);
};

export const reduceReaders: OpReaders = {
  ReduceProd: reduceProduct,
  ReduceMean: reduction("mean"),
  ReduceSum: reduction("sum"),
  ReduceMax: reduction("max"),
  ReduceMin: reduction("min"),
  ReduceL1: reduction("sum", absolute),
  ReduceL2: reduction("sum", square, squareRoot),
  ReduceSumSquare: reduction("sum", square),
  ReduceLogSum: reduction("sum", undefined, logarithm),
  ReduceLogSumExp: reduction("sum", exponential, logarithm),
};
