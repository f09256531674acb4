import type { NodeOf } from "../../ir/graph.js";
import { printType } from "../../ir/types.js";
import {
  add,
  advance,
  div,
  exp,
  type FunctionBuilder,
  log,
  mul,
  sub,
  type Variable,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { KernelWriter } from "./kernel-writer.js";
import { type Block, outerUnits, overBlocks } from "./lane-blocks.js";
import { type Nest, pickAxes, simplify } from "./nest.js";
import { anyLayout } from "./nest-kernel.js";
import { reduceAll, reduceLanes } from "./reduction.js";

/** The axis that sums to one: its length and how result and input lie along it. */
interface Axis {
  readonly length: number;
  readonly resultStride: number;
  readonly inputStride: number;
}

const nestOf = ({ length, inputStride }: Axis): Nest =>
  simplify({ extents: [length], operands: [{ offset: 0, strides: [inputStride] }] });

/** Writes the softmax of one row, or of several beside each other in the lanes of a vector. */
class RowWriter {
  constructor(
    readonly f: FunctionBuilder,
    readonly axis: Axis,
    readonly isLog: boolean,
  ) {}

  /** Each lane of a vector is a row of its own. */
  lanes(to: Expr, from: Expr, { v, lastLanes }: Block): void {
    const { f, axis } = this;
    const [largest] = reduceLanes(f, v, 1, nestOf(axis), from, { op: "max" });
    const total = f.let("total", v.constant(0));
    this.#walk(to, from, axis.length, 1, (y, x) => {
      const e = this.#exponential(y, v.load(x), largest!, lastLanes);
      f.set(total, add(total, e));
    });
    const factor = this.#factor(total);
    this.#walk(to, from, axis.length, 1, (y, x) => {
      f.store(y, 0, this.#finish(v, y, x, largest!, factor), lastLanes);
    });
  }

  /** One row along a contiguous axis. */
  row(to: Expr, from: Expr, v: Vectors): void {
    const { f, axis } = this;
    const one = vectorsOf({ lanes: 1 });
    const whole = axis.length - (axis.length % v.lanes);
    const largest = reduceAll(f, v, nestOf(axis), from, { op: "max" });
    const many = f.let("many", v.splat(largest));
    const sums = f.let("sums", v.constant(0));
    const single = f.let("single", one.constant(0));
    this.#walk(to, from, whole, v.lanes, (y, x) => {
      f.set(sums, add(sums, this.#exponential(y, v.load(x), many, v.lanes)));
    });
    const [restTo, restFrom] = [advance(to, whole), advance(from, whole)];
    this.#walk(restTo, restFrom, axis.length - whole, 1, (y, x) => {
      f.set(single, add(single, this.#exponential(y, one.load(x), largest, 1)));
    });
    const total = f.let("total", add(v.fold("add", sums), single));
    const factor = this.#factor(total);
    const factors = f.let("factors", v.splat(factor));
    this.#walk(to, from, whole, v.lanes, (y, x) =>
      f.store(y, 0, this.#finish(v, y, x, many, factors)),
    );
    this.#walk(restTo, restFrom, axis.length - whole, 1, (y, x) => {
      f.store(y, 0, this.#finish(one, y, x, largest, factor));
    });
  }

  /** `exp(x − largest)`, which the result holds until the sum is known (not for the logarithm). */
  #exponential(to: Expr, x: Expr, largest: Expr, lanes: number): Expr {
    const e = this.f.let("e", exp(sub(x, largest)));
    if (!this.isLog) this.f.store(to, 0, e, lanes);
    return e;
  }

  /** What the last pass multiplies with, or takes away. */
  #factor(total: Expr): Variable {
    return this.f.let("factor", this.isLog ? log(total) : div(1, total));
  }

  #finish(v: Vectors, to: Expr, from: Expr, largest: Expr, factor: Expr): Expr {
    if (!this.isLog) return mul(v.load(to), factor);
    return sub(sub(v.load(from), largest), factor);
  }

  #walk(to: Expr, from: Expr, size: number, step: number, body: (y: Expr, x: Expr) => void): void {
    const { f, axis } = this;
    if (size === 0) return;
    const x = f.let("x", from);
    const first = f.let("first", to);
    const { resultStride, inputStride } = axis;
    f.for("y", first, advance(first, size, resultStride), step * resultStride, (y) => {
      body(y, x);
      f.set(x, advance(x, step * inputStride));
    });
  }
}

function build(node: NodeOf<"softmax">, site: Site): Kernel {
  const { input } = node.operands;
  const { axis, log: isLog } = node.attrs;
  const { shape } = input.type;
  const [result, source] = [node.results[0]!, input].map((value) => site.layoutOf(value).strides);
  const writer = new KernelWriter(
    `${isLog ? "log_softmax" : "softmax"}_${shape.join("x")}_${axis}`,
    `${isLog ? "log softmax" : "softmax"} of ${printType(input.type)} along axis ${axis}`,
  );
  const addresses = [writer.result("y"), writer.operand("x", input)];
  const all: Nest = {
    extents: shape,
    operands: [result!, source!].map((strides) => ({ offset: 0, strides })),
  };
  const rows = simplify(
    pickAxes(
      all,
      [...shape.keys()].filter((other) => other !== axis),
    ),
  );
  const range = writer.range(outerUnits(rows, site.target, 1));
  const along = {
    length: shape[axis]!,
    resultStride: result![axis]!,
    inputStride: source![axis]!,
  };
  const row = new RowWriter(writer.f, along, isLog);
  const v = vectorsOf(site.target);
  const contiguous = along.resultStride === 1 && along.inputStride === 1;
  const inVectors = contiguous && v.lanes > 1 && along.length >= v.lanes;
  overBlocks(writer.f, site.target, rows, addresses, 1, range, ([to, from], block) => {
    if (inVectors && block.v.lanes === 1) row.row(to!, from!, v);
    else row.lanes(to!, from!, block);
  });
  return writer.done();
}

/**
 * Three passes along the axis: the largest, the exponentials and their sum, the quotient. Vectors go
 * along the axis where that is contiguous, else over rows beside each other.
 */
export const softmaxRows: Algorithm<"softmax"> = {
  ...anyLayout,
  op: "softmax",
  overwrites: () => true,
  build,
};
