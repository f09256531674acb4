import { build, constantOf } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import type { BinaryFunction, UnaryFunction } from "../../ir/ops/arithmetic.js";
import { sizeOf } from "../../ir/types.js";

/** One number. */
export const scalar = (value: number): Value => constantOf([], Float32Array.of(value));

export const unary = (input: Value, fn: UnaryFunction, name = ""): Value =>
  build("unary", { input }, { fn }, { name });

/** A function of two values; a number stands for a constant. */
export const binary = (
  fn: BinaryFunction,
  left: Value | number,
  right: Value | number,
  name = "",
): Value => {
  const value = (side: Value | number) => (typeof side === "number" ? scalar(side) : side);
  return build("binary", { left: value(left), right: value(right) }, { fn }, { name });
};

export const reshape = (input: Value, shape: readonly number[], name = ""): Value =>
  build("reshape", { input }, { shape }, { name });

export const transpose = (input: Value, permutation: readonly number[]): Value =>
  build("transpose", { input }, { permutation });

export const concat = (inputs: readonly Value[], axis: number, name = ""): Value =>
  build("concat", { inputs }, { axis }, { name });

/** Elements `from` up to `to`, exclusive, of one axis. */
export function slice(input: Value, axis: number, from: number, to: number, name = ""): Value {
  const { shape } = input.type;
  const starts = shape.map((_, at) => (at === axis ? from : 0));
  const sizes = shape.map((size, at) => (at === axis ? to - from : size));
  return build("slice", { input }, { starts, sizes, steps: shape.map(() => 1) }, { name });
}

/** What arrives as an image `[n, c, h, w]`: a vector is one of a single pixel. */
export function asImage(input: Value): readonly [Value, readonly [number, number, number, number]] {
  const [n = 1, c = 1, h = 1, w = 1] = input.type.shape;
  const shape = [n, c, h, w] as const;
  return [input.type.shape.length === 4 ? input : reshape(input, shape), shape];
}

/** What arrives as a vector `[n, k]`, channels first. */
export function asVector(input: Value): Value {
  const { shape } = input.type;
  return shape.length === 2 ? input : reshape(input, [shape[0]!, sizeOf(shape.slice(1))]);
}
