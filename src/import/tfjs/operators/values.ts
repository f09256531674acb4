import { build, constantOf } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import type { BinaryFunction, UnaryFunction } from "../../../ir/ops/arithmetic.js";
import type { ReduceAttributes } from "../../../ir/ops/pool.js";

export const unary = (input: Value, fn: UnaryFunction): Value => build("unary", { input }, { fn });

/** A function of two values; a number stands for a constant. */
export const binary = (fn: BinaryFunction, left: Value | number, right: Value | number): Value => {
  const value = (side: Value | number) =>
    typeof side === "number" ? constantOf([], Float32Array.of(side)) : side;
  return build("binary", { left: value(left), right: value(right) }, { fn });
};

export const reshape = (input: Value, shape: readonly number[]): Value =>
  build("reshape", { input }, { shape });

export const reduce = (
  input: Value,
  fn: ReduceAttributes["fn"],
  axes: readonly number[],
  keepDims = true,
): Value => build("reduce", { input }, { fn, axes: [...axes].sort((a, b) => a - b), keepDims });

/** Every `steps`-th element from `starts` on, `sizes` of them, along each axis. */
export const slice = (
  input: Value,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Value => build("slice", { input }, { starts, sizes, steps });

export const concat = (inputs: readonly Value[], axis: number): Value =>
  build("concat", { inputs }, { axis });
