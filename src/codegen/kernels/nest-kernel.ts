import type { Value } from "../../ir/graph.js";
import { sizeOf, stridesOf } from "../../ir/types.js";
import type { FunctionBuilder, Vectors } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import type { Kernel, OperandNeed, Site } from "./algorithm.js";
import { KernelWriter } from "./kernel-writer.js";
import { type Strided, simplify } from "./nest.js";
import { unitsOf, writeStrided } from "./strided-loops.js";

/** What kernels say that take every operand as it lies and write the result as the plan wishes. */
export const anyLayout: {
  readonly name: string;
  refuse(): undefined;
  needs(): OperandNeed;
  result(): OperandNeed["order"];
} = {
  name: "strided",
  refuse: () => undefined,
  needs: () => ({ order: "any" }),
  result: () => "any",
};

/** Strides of an operand under a shape that it broadcasts to, as in NumPy. */
function stridesUnder(
  from: readonly number[],
  strides: readonly number[],
  shape: readonly number[],
): number[] {
  const missing = shape.length - from.length;
  return shape.map((_, axis) => {
    const own = axis - missing;
    return own < 0 || from[own] === 1 ? 0 : strides[own]!;
  });
}

/** Row-major numbers in another order of axes: the first axis of `order` outermost. */
function permuted(
  data: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): { readonly data: Float32Array; readonly strides: readonly number[] } {
  const from = stridesOf(shape);
  const to = stridesOf(order.map((axis) => shape[axis]!));
  const strides = shape.map((_, axis) => to[order.indexOf(axis)]!);
  const moved = new Float32Array(sizeOf(shape));
  for (let at = 0; at < moved.length; at++) {
    const place = shape.reduce(
      (sum, extent, axis) => sum + (Math.floor(at / from[axis]!) % extent) * strides[axis]!,
      0,
    );
    moved[place] = data[at]!;
  }
  return { data: moved, strides };
}

/** The element of an operand that belongs to the result's, or a vector of them. */
export type Reader = (read: (operand: number) => Expr, v: Vectors) => Expr;

/** A kernel that computes each element of a result from the elements of operands that belong to it. */
export class NestKernel {
  readonly #writer: KernelWriter;
  readonly #shape: readonly number[];
  readonly #operands: Strided[] = [];
  readonly #addresses: Expr[] = [];

  constructor(
    name: string,
    comment: string,
    readonly site: Site,
    readonly result: Value,
  ) {
    this.#shape = result.type.shape;
    this.#writer = new KernelWriter(`${name}_${this.#shape.join("x")}`, comment);
    this.#add(this.#writer.result("y"), site.layoutOf(result).strides);
  }

  #add(address: Expr, strides: readonly number[]): Reader {
    const index = this.#operands.length;
    this.#addresses.push(address);
    this.#operands.push({ offset: 0, strides });
    return (read) => read(index);
  }

  /** An operand that broadcasts to the result. Constants come as numbers, or in the result's order. */
  operand(name: string, value: Value): Reader {
    const { shape } = value.type;
    if (value.node.op === "constant") {
      const { data } = value.node.attrs;
      return this.constant(name, value.node.name || name, data, shape);
    }
    const { strides } = this.site.layoutOf(value);
    return this.#add(this.#writer.operand(name, value), stridesUnder(shape, strides, this.#shape));
  }

  /** An operand `[c]` whose elements belong to the result's channels, axis 1. */
  perChannel(name: string, value: Value): Reader {
    const ones = this.#shape.slice(2).map(() => 1);
    const shape = [...value.type.shape, ...ones];
    if (value.node.op === "constant") {
      return this.constant(name, value.node.name || name, value.node.attrs.data, shape);
    }
    const strides = [...this.site.layoutOf(value).strides, ...ones];
    return this.#add(this.#writer.operand(name, value), stridesUnder(shape, strides, this.#shape));
  }

  /** Numbers known at compile time, row-major in a shape that broadcasts to the result. */
  constant(name: string, label: string, data: Float32Array, shape: readonly number[]): Reader {
    if (data.length === 1) return (_, v) => v.constant(data[0]!);
    const result = this.site.layoutOf(this.result).strides;
    const missing = this.#shape.length - shape.length;
    const order = [...shape.keys()].sort((a, b) => result[b + missing]! - result[a + missing]!);
    const packed = permuted(data, shape, order);
    return this.#add(
      this.#writer.packed(name, label, packed.data),
      stridesUnder(shape, packed.strides, this.#shape),
    );
  }

  /** The kernel whose elements are what `body` makes of the readers'. */
  done(body: (f: FunctionBuilder, read: (operand: number) => Expr, v: Vectors) => Expr): Kernel {
    const nest = simplify({ extents: this.#shape, operands: this.#operands });
    const range = this.#writer.range(unitsOf(nest));
    const { f } = this.#writer;
    const element = (read: (operand: number) => Expr, v: Vectors): Expr => body(f, read, v);
    writeStrided(f, this.site.target, nest, this.#addresses, element, range);
    return this.#writer.done();
  }
}
