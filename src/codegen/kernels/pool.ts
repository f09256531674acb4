import type { NodeOf } from "../../ir/graph.js";
import { printType } from "../../ir/types.js";
import {
  add,
  advance,
  and,
  convert,
  div,
  eq,
  type FunctionBuilder,
  i32,
  mul,
  pmax,
  sub,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { type FeatureMap, featureMap } from "../plan/layout.js";
import type { Algorithm, Kernel, OperandNeed, Site } from "./algorithm.js";
import { KernelWriter } from "./kernel-writer.js";
import { type Along, atTap, isInside, paddedCount, type Taps, tapsOf } from "./pool-window.js";
import type { Range } from "./strided-loops.js";

type PoolNode = NodeOf<"maxPool"> | NodeOf<"avgPool">;

/** Up to this many taps are written out one by one where the window lies inside the input. */
const mostUnrolled = 16;

/** Writes the loops of one pooling kernel. */
class PoolWriter {
  readonly #v: Vectors;
  readonly #input: FeatureMap;
  readonly #output: FeatureMap;
  readonly #rows: Along;
  readonly #columns: Along;

  constructor(
    readonly f: FunctionBuilder,
    readonly node: PoolNode,
    site: Site,
  ) {
    this.#v = vectorsOf(site.target);
    this.#input = featureMap(site.layoutOf(node.operands.input));
    this.#output = featureMap(site.layoutOf(node.results[0]!));
    const { kernel, stride, dilation, pads } = node.attrs;
    const along = (axis: 0 | 1): Along => ({
      size: axis === 0 ? this.#input.height : this.#input.width,
      outputs: axis === 0 ? this.#output.height : this.#output.width,
      kernel: kernel[axis],
      stride: stride[axis],
      dilation: dilation[axis],
      before: pads[axis],
      after: pads[axis === 0 ? 2 : 3],
      step: axis === 0 ? this.#input.rowStride : this.#input.pixelStride,
    });
    this.#rows = along(0);
    this.#columns = along(1);
  }

  /** Rows of all images, one after the other. */
  get units(): number {
    return this.#output.images * this.#output.height;
  }

  write(input: Expr, output: Expr, range: Range | undefined): void {
    const { f } = this;
    f.for("unit", range?.start ?? i32(0), range?.end ?? i32(this.units), 1, (unit) => {
      const { images, height, imageStride, rowStride } = this.#output;
      const image = images === 1 ? i32(0) : f.let("image", div(unit, height));
      const y = images === 1 ? unit : f.let("row", sub(unit, mul(image, height)));
      const rows = tapsOf(f, this.#rows, y);
      const from = atTap(advance(input, image, this.#input.imageStride), this.#rows, rows);
      const to = advance(advance(output, image, imageStride), y, rowStride);
      this.#row(f.let("from", from), f.let("to", to), rows);
    });
  }

  #row(input: Expr, output: Expr, rows: Taps): void {
    const { f } = this;
    const { width, pixelStride } = this.#output;
    f.for("x", 0, width, 1, (x) => {
      const columns = tapsOf(f, this.#columns, x);
      const from = f.let("window", atTap(input, this.#columns, columns));
      const to = f.let("pixel", advance(output, x, pixelStride));
      const { kernel } = this.node.attrs;
      const unrolled = kernel[0] * kernel[1] <= mostUnrolled;
      const whole = (): void => this.#channels(from, to, (p, v) => this.#unrolled(p, v));
      if (unrolled && isInside(this.#rows) && isInside(this.#columns)) return whole();
      const cut = (): void => this.#cut(from, to, rows, columns);
      if (!unrolled) return cut();
      f.if(and(eq(rows.count, kernel[0]), eq(columns.count, kernel[1])), whole, cut);
    });
  }

  /** All channels of a pixel, vector by vector; `body` gives the value for the input's address. */
  #channels(from: Expr, to: Expr, body: (from: Expr, v: Vectors) => Expr): void {
    const { f } = this;
    const v = this.#v;
    const { channels } = this.#output;
    const rest = channels % v.lanes;
    const whole = channels - rest;
    if (whole === v.lanes) f.store(to, 0, body(from, v));
    else if (whole > 0) {
      const y = f.let("y", to);
      f.for("c", from, advance(from, whole), v.lanes, (c) => {
        f.store(y, 0, body(c, v));
        f.set(y, advance(y, v.lanes));
      });
    }
    if (rest > 0) f.store(to, whole, body(advance(from, whole), v), rest);
  }

  #combine(a: Expr, b: Expr): Expr {
    return this.node.op === "maxPool" ? pmax(a, b) : add(a, b);
  }

  /** A window inside the input: the taps of each row combined, then the rows. */
  #unrolled(from: Expr, v: Vectors): Expr {
    const { dilation, kernel } = this.node.attrs;
    const [row, column] = [this.#rows.step * dilation[0], this.#columns.step * dilation[1]];
    const rows = [...Array(kernel[0]).keys()].map((y) =>
      [...Array(kernel[1]).keys()]
        .map((x) => v.load(from, y * row + x * column))
        .reduce((a, b) => this.#combine(a, b)),
    );
    const all = rows.reduce((a, b) => this.#combine(a, b));
    return this.node.op === "maxPool" ? all : mul(all, 1 / (kernel[0] * kernel[1]));
  }

  /** A window of which some taps may lie outside, or one of many taps. */
  #cut(from: Expr, to: Expr, rows: Taps, columns: Taps): void {
    const { f } = this;
    const scale = this.#scale(rows, columns);
    const [across, down] = [this.#columns, this.#rows].map(({ dilation, step }) => dilation * step);
    const initial = this.node.op === "maxPool" ? Number.NEGATIVE_INFINITY : 0;
    this.#channels(from, to, (c, v) => {
      const all = f.let("all", v.constant(initial));
      const first = f.let("top", c);
      f.for("ky", first, advance(first, rows.count, down), down!, (ky) => {
        const row = f.let("line", v.constant(initial));
        f.for("kx", ky, advance(ky, columns.count, across), across!, (kx) => {
          f.set(row, this.#combine(row, v.load(kx)));
        });
        f.set(all, this.#combine(all, row));
      });
      return scale ? mul(all, v.splat(scale)) : all;
    });
  }

  /** One over what a mean divides by. */
  #scale(rows: Taps, columns: Taps): Expr | undefined {
    const { node, f } = this;
    if (node.op === "maxPool") return undefined;
    const count = node.attrs.countIncludePad
      ? mul(paddedCount(this.#rows, rows), paddedCount(this.#columns, columns))
      : mul(rows.count, columns.count);
    return f.let("scale", div(1, convert("convert", "f32", count)));
  }
}

function build(node: PoolNode, site: Site): Kernel {
  const { input } = node.operands;
  const [result] = node.results;
  const name = node.op === "maxPool" ? "max_pool" : "avg_pool";
  const { kernel } = node.attrs;
  const writer = new KernelWriter(
    `${name}_${result!.type.shape.join("x")}`,
    `${kernel[0]}x${kernel[1]} ${node.op} of ${printType(input.type)} to ${printType(result!.type)}`,
  );
  const x = writer.operand("x", input);
  const y = writer.result("y");
  const pool = new PoolWriter(writer.f, node, site);
  const range = writer.range(pool.units);
  pool.write(x, y, range);
  return writer.done();
}

const channelsLast: {
  readonly name: string;
  refuse(): undefined;
  needs(): OperandNeed;
  result(): OperandNeed["order"];
} = {
  name: "clipped windows",
  refuse: () => undefined,
  needs: () => ({ order: "nhwc" }),
  result: () => "nhwc",
};

/** The largest of each window; of equal ones the first. A NaN may be lost: one instruction compares. */
export const maxPoolWindows: Algorithm<"maxPool"> = { ...channelsLast, op: "maxPool", build };

/** The mean of each window. */
export const avgPoolWindows: Algorithm<"avgPool"> = { ...channelsLast, op: "avgPool", build };
