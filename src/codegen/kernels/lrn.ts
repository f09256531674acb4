import type { NodeOf } from "../../ir/graph.js";
import type { LrnAttributes } from "../../ir/ops/normalise.js";
import { printType } from "../../ir/types.js";
import {
  add,
  advance,
  div,
  type FunctionBuilder,
  max,
  min,
  mulAdd,
  pow,
  sub,
  type Variable,
  type Vectors,
  vectorsOf,
} from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { featureMap } from "../plan/layout.js";
import type { Algorithm, Kernel, Site } from "./algorithm.js";
import { KernelWriter } from "./kernel-writer.js";
import { outerUnits, overBlocks } from "./lane-blocks.js";
import { simplify } from "./nest.js";
import { anyLayout } from "./nest-kernel.js";

/** How the channels of result and input lie. */
interface Channels {
  readonly count: number;
  readonly resultStride: number;
  readonly inputStride: number;
}

/** Writes the channels of one pixel, or of pixels beside each other in the lanes of a vector. */
class LrnWriter {
  constructor(
    readonly f: FunctionBuilder,
    readonly attrs: LrnAttributes,
    readonly channels: Channels,
  ) {}

  /** Channels `from` to `to`, each with the neighbours it has. */
  each(y: Expr, x: Expr, v: Vectors, lanes: number, from: number, to: number): void {
    if (from >= to) return;
    const { f } = this;
    const { count, resultStride, inputStride } = this.channels;
    const { size } = this.attrs;
    f.for("c", from, to, 1, (c) => {
      const first = f.let("k", sub(c, Math.floor(size / 2)));
      const start = f.let("start", advance(x, max(first, 0), inputStride));
      const end = advance(x, min(add(first, size), count), inputStride);
      const squares = f.let("squares", v.constant(0));
      this.#addSquares(squares, v, start, end, inputStride);
      const own = v.load(advance(x, c, inputStride));
      f.store(advance(y, c, resultStride), 0, this.#scaled(own, squares), lanes);
    });
  }

  /** All channels of a pixel whose channels lie behind each other: vectors where all neighbours exist. */
  pixel(y: Expr, x: Expr, v: Vectors): void {
    const { f } = this;
    const { size } = this.attrs;
    const one = vectorsOf({ lanes: 1 });
    const { count } = this.channels;
    const front = Math.min(Math.floor(size / 2), count);
    const vectors = Math.max(0, Math.floor((count - size + 1) / v.lanes));
    const behind = front + vectors * v.lanes;
    this.each(y, x, one, 1, 0, front);
    if (vectors > 0) {
      f.for("c", 0, vectors * v.lanes, v.lanes, (c) => {
        const window = f.let("window", advance(x, c));
        const squares = f.let("squares", v.constant(0));
        this.#addSquares(squares, v, window, advance(window, size), 1);
        f.store(advance(y, c), front, this.#scaled(v.load(window, front), squares));
      });
    }
    this.each(y, x, one, 1, behind, count);
  }

  #addSquares(squares: Variable, v: Vectors, from: Expr, to: Expr, stride: number): void {
    const { f } = this;
    f.for("near", from, to, stride, (at) => {
      const neighbour = f.let("n", v.load(at));
      f.set(squares, mulAdd(neighbour, neighbour, squares));
    });
  }

  /** `x / (bias + alpha / size · squares)^beta`. */
  #scaled(x: Expr, squares: Expr): Expr {
    const { f } = this;
    const { alpha, beta, bias, size } = this.attrs;
    const base = f.let("base", mulAdd(squares, alpha / size, bias));
    return div(x, pow(base, beta));
  }
}

function build(node: NodeOf<"lrn">, site: Site): Kernel {
  const { input } = node.operands;
  const [from, to] = [input, node.results[0]!].map((value) => featureMap(site.layoutOf(value)));
  const { images, channels, height, width } = from!;
  const writer = new KernelWriter(
    `lrn_${input.type.shape.join("x")}_${node.attrs.size}`,
    `lrn over ${node.attrs.size} channels of ${printType(input.type)}`,
  );
  const addresses = [writer.result("y"), writer.operand("x", input)];
  const pixels = simplify({
    extents: [images, height, width],
    operands: [to!, from!].map(({ imageStride, rowStride, pixelStride }) => ({
      offset: 0,
      strides: [imageStride, rowStride, pixelStride],
    })),
  });
  const [resultStride, inputStride] = [to!.channelStride, from!.channelStride];
  const lrn = new LrnWriter(writer.f, node.attrs, { count: channels, resultStride, inputStride });
  const isPixel = resultStride === 1 && inputStride === 1;
  const range = writer.range(outerUnits(pixels, site.target, 1));
  overBlocks(writer.f, site.target, pixels, addresses, 1, range, ([y, x], { v, lastLanes }) => {
    if (isPixel && v.lanes === 1) lrn.pixel(y!, x!, vectorsOf(site.target));
    else lrn.each(y!, x!, v, lastLanes, 0, channels);
  });
  return writer.done();
}

/** Each element over a power of its neighbouring channels' squares, in any layout. */
export const lrnWindows: Algorithm<"lrn"> = { ...anyLayout, op: "lrn", build };
