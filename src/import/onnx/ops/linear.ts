import { broadcastShape } from "../../../ir/ops/broadcast.js";
import { sizeOf } from "../../../ir/types.js";
import { elementsOf, type Item, type Known, knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { legacyRight, multiply, plus } from "./arithmetic.js";
import type { OpReader, OpReaders } from "./reader.js";

const turned = (node: NodeReader, matrix: Item): Item => {
  const last = matrix.shape.length - 1;
  const order = matrix.shape.map((_, axis) =>
    axis < last - 1 ? axis : axis === last ? last - 1 : last,
  );
  return node.transpose(matrix, order);
};

/** Most products that are written out for operands that are both computed. */
const mostProducts = 2 ** 24;

/** `Σ left[…, m, k] · right[…, k, n]` with operands that are both computed, by products and a sum. */
function productOf(node: NodeReader, left: Item, right: Item): Item {
  const [batch, [m = 1, k = 1]] = [left.shape.slice(0, -2), left.shape.slice(-2)];
  const all = broadcastShape(batch, right.shape.slice(0, -2));
  if (!all) return node.refuse(`its operands are [${left.shape}] and [${right.shape}]`);
  if (sizeOf([...all, m, k, right.shape.at(-1) ?? 1]) > mostProducts || all.length > 3) {
    node.refuse(`a product of [${left.shape}] and [${right.shape}], both computed, is too large`);
  }
  const rows = node.reshape(left, [...left.shape, 1]);
  const [height = 1, width = 1] = right.shape.slice(-2);
  const columns = node.reshape(right, [...right.shape.slice(0, -2), 1, height, width]);
  const products = multiply(node, rows, columns);
  const axes = [all.length + 1];
  return node.apply("reduce", { input: products }, { fn: "sum", axes, keepDims: false });
}

/** Rows times a known matrix `[k, n]`, plus a bias `[n]`. */
function linearOf(node: NodeReader, rows: Item, matrix: Item, bias: Item | undefined): Item {
  const weight = node.parameter(turned(node, matrix), "weight");
  return node.apply("linear", { input: rows, weight, bias, extras: [] }, { epilogue: [] });
}

/** A vector is a matrix of one row on the left, of one column on the right. */
const matMul: OpReader = (node) => {
  const [a, b] = [node.input(0), node.input(1)];
  if (a.shape.length === 0 || b.shape.length === 0) node.refuse("an operand is one number");
  const left = a.shape.length === 1 ? node.reshape(a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? node.reshape(b, [...b.shape, 1]) : b;
  if (left.shape.at(-1) !== right.shape.at(-2)) {
    node.refuse(`its operands are [${a.shape}] and [${b.shape}]`);
  }
  const product = matrixProduct(node, left, right);
  const dropped = product.shape.filter(
    (_, axis, { length }) =>
      !(axis === length - 2 && a.shape.length === 1) &&
      !(axis === length - 1 && b.shape.length === 1),
  );
  return node.reshape(product, dropped);
};

function matrixProduct(node: NodeReader, left: Item, right: Item): Item {
  const [m = 1, k = 1] = left.shape.slice(-2);
  const n = right.shape.at(-1) ?? 1;
  if (left.kind === "computed" && right.kind === "known" && elementsOf(right) === k * n) {
    const rows = node.reshape(left, [sizeOf(left.shape) / k, k]);
    const lead = broadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2)) ?? [];
    const product = linearOf(node, rows, node.reshape(right, [k, n]), undefined);
    return node.reshape(product, [...lead, m, n]);
  }
  if (left.kind === "known" && right.kind === "computed" && right.shape.length === 2) {
    if (left.shape.length === 2)
      return turned(node, matrixProduct(node, turned(node, right), turned(node, left)));
  }
  return productOf(node, left, right);
}

const scaled = (node: NodeReader, item: Item, factor: number): Item =>
  factor === 1 ? item : multiply(node, item, node.scalar(factor));

/** A bias that every row gets, as `[n]`; undefined when rows differ. */
function rowBias(node: NodeReader, bias: Item, n: number): Known | undefined {
  const { shape } = bias;
  const isRow = bias.kind === "known" && elementsOf(bias) === (shape.at(-1) ?? 1);
  if (!isRow || (elementsOf(bias) !== n && elementsOf(bias) !== 1)) return undefined;
  const { data } = bias.dense();
  const spread = data.length === n ? data : Array.from({ length: n }, () => data[0]!);
  return data.length === n
    ? (node.reshape(bias, [n]) as Known)
    : knownNumbers(bias.dtype, [n], spread);
}

/** `alpha · A · B + beta · C`, the first two turned where asked. */
const gemm: OpReader = (node) => {
  const [alpha, beta] = [node.float("alpha", 1), node.float("beta", 1)];
  const [a, b] = [node.input(0), node.input(1)];
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    node.refuse(`its operands are [${a.shape}] and [${b.shape}], not two matrices`);
  }
  const left = node.flag("transA", false) ? turned(node, a) : a;
  const right = node.flag("transB", false) ? turned(node, b) : b;
  const given = node.optional(2);
  const c = given && beta !== 0 ? scaled(node, given, beta) : undefined;
  const isLinear = left.kind === "computed" && right.kind === "known";
  const bias = c && isLinear ? rowBias(node, c, right.shape[1] ?? 1) : undefined;
  const product = isLinear
    ? linearOf(node, left, scaled(node, right, alpha), bias && node.parameter(bias, "bias"))
    : scaled(node, matrixProduct(node, left, right), alpha);
  node.ignore("broadcast");
  return c && !bias ? plus(node, product, legacyRight(node, product, c)) : product;
};

export const linearReaders: OpReaders = { MatMul: matMul, Gemm: gemm };
