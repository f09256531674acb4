import type { Value } from "../graph.js";
import { f32, printType, sizeOf, stridesOf, type TensorType } from "../types.js";
import { gather } from "./broadcast.js";
import {
  checkAttribute,
  checkAxis,
  checkCounts,
  checkFloat,
  checkPerAxis,
  printShape,
} from "./check.js";
import { type Dense, type Operator, ShapeError } from "./operator.js";

export type ShapeOperands = {
  readonly input: Value;
};
export type ConcatOperands = {
  readonly inputs: readonly Value[];
};

/** Same elements in row-major order under another shape. */
export const reshape: Operator<ShapeOperands, { readonly shape: readonly number[] }> = {
  infer: ({ input }, { shape }) => {
    checkFloat("reshape", "input", input);
    checkCounts("reshape", "shape", shape, 1);
    const [fromSize, toSize] = [sizeOf(input.shape), sizeOf(shape)];
    if (fromSize === toSize) return [f32(...shape)];
    const [from, to] = [printType(input), printShape(shape)];
    throw new ShapeError("reshape-size", { from, to, fromSize, toSize });
  },
  macs: () => 0,
  evaluate: ({ input }, { shape }) => [{ shape, data: input.data }],
};

/** Result axis `i` is input axis `permutation[i]`. */
export const transpose: Operator<ShapeOperands, { readonly permutation: readonly number[] }> = {
  infer: ({ input }, { permutation }) => {
    checkFloat("transpose", "input", input);
    checkPerAxis("transpose", "permutation", permutation, input);
    for (const axis of permutation) checkAxis("transpose", axis, input);
    if (new Set(permutation).size < permutation.length) {
      throw new ShapeError("attribute-range", {
        op: "transpose",
        attribute: "permutation",
        wanted: "each axis once",
        actual: printShape(permutation),
      });
    }
    return [f32(...permutation.map((axis) => input.shape[axis]!))];
  },
  macs: () => 0,
  evaluate: ({ input }, { permutation }, results) => {
    const strides = stridesOf(input.shape);
    const moved = permutation.map((axis) => strides[axis]!);
    return [gather(input.data, results[0]!.shape, moved)];
  },
};

/** The same shape with another size along one axis. */
const withSize = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.map((old, index) => (index === axis ? size : old));

/** Copies `count` elements along an axis from one tensor's `start` on to another's. */
function copyAlong(
  axis: number,
  [from, fromStart]: readonly [Dense, number],
  [to, toStart]: readonly [Dense, number],
  count: number,
): void {
  const inner = sizeOf(from.shape.slice(axis + 1));
  const [fromRow, toRow] = [from.shape[axis]! * inner, to.shape[axis]! * inner];
  for (let row = 0; row < from.data.length / fromRow; row++) {
    const start = row * fromRow + fromStart * inner;
    const part = from.data.subarray(start, start + count * inner);
    to.data.set(part, row * toRow + toStart * inner);
  }
}

const emptyOf = (shape: readonly number[]): Dense => ({
  shape,
  data: new Float64Array(sizeOf(shape)),
});

/** Joins tensors along an axis. */
export const concat: Operator<ConcatOperands, { readonly axis: number }> = {
  infer: ({ inputs }, { axis }) => {
    const first = inputs[0];
    checkAttribute("concat", "the number of operands", inputs.length, !!first, "at least 1");
    if (!first) return [];
    checkAxis("concat", axis, first);
    let size = 0;
    for (const input of inputs) {
      checkFloat("concat", "operand", input);
      size += input.shape[axis] ?? 0;
      const rest = printShape(withSize(input.shape, axis, 0));
      if (rest === printShape(withSize(first.shape, axis, 0))) continue;
      const [one, other] = [printShape(first.shape), printShape(input.shape)];
      throw new ShapeError("concat-shapes", { axis, first: one, other });
    }
    return [f32(...withSize(first.shape, axis, size))];
  },
  macs: () => 0,
  evaluate: ({ inputs }, { axis }, results) => {
    const result = emptyOf(results[0]!.shape);
    let start = 0;
    for (const input of inputs) {
      copyAlong(axis, [input, 0], [result, start], input.shape[axis]!);
      start += input.shape[axis]!;
    }
    return [result];
  },
};

export interface SliceAttributes {
  /** Per axis: first index, number of elements taken, and step (never 0; may be negative). */
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

function checkSlice(axis: number, attrs: SliceAttributes, input: TensorType): void {
  const [first, step] = [attrs.starts[axis]!, attrs.steps[axis]!];
  checkAttribute(
    "slice",
    "step",
    step,
    Number.isInteger(step) && step !== 0,
    "a whole number other than 0",
  );
  const last = first + (attrs.sizes[axis]! - 1) * step;
  const isInside = (at: number) => Number.isInteger(at) && at >= 0 && at < input.shape[axis]!;
  if (isInside(first) && isInside(last)) return;
  throw new ShapeError("slice-out-of-range", { axis, first, last, input: printType(input) });
}

/** Takes evenly spaced elements along each axis. */
export const slice: Operator<ShapeOperands, SliceAttributes> = {
  infer: ({ input }, attrs) => {
    checkFloat("slice", "input", input);
    checkPerAxis("slice", "starts", attrs.starts, input);
    checkPerAxis("slice", "sizes", attrs.sizes, input);
    checkPerAxis("slice", "steps", attrs.steps, input);
    checkCounts("slice", "sizes", attrs.sizes, 1);
    input.shape.forEach((_, axis) => {
      checkSlice(axis, attrs, input);
    });
    return [f32(...attrs.sizes)];
  },
  macs: () => 0,
  evaluate: ({ input }, { starts, sizes, steps }) => {
    const strides = stridesOf(input.shape);
    const first = strides.reduce((sum, stride, axis) => sum + stride * starts[axis]!, 0);
    const moved = strides.map((stride, axis) => stride * steps[axis]!);
    return [gather(input.data, sizes, moved, first)];
  },
};

export interface SplitAttributes {
  readonly axis: number;
  readonly sizes: readonly number[];
}

/** Several results: consecutive parts along one axis. */
export const split: Operator<ShapeOperands, SplitAttributes> = {
  infer: ({ input }, { axis, sizes }) => {
    checkFloat("split", "input", input);
    checkAxis("split", axis, input);
    checkCounts("split", "sizes", sizes, 1);
    if (sizes.reduce((sum, size) => sum + size, 0) !== input.shape[axis]) {
      const parts = printShape(sizes);
      throw new ShapeError("split-sizes", { sizes: parts, axis, input: printType(input) });
    }
    return sizes.map((size) => f32(...withSize(input.shape, axis, size)));
  },
  macs: () => 0,
  evaluate: ({ input }, { axis, sizes }, results) => {
    let start = 0;
    return results.map(({ shape }, index) => {
      const part = emptyOf(shape);
      copyAlong(axis, [input, start], [part, 0], sizes[index]!);
      start += sizes[index]!;
      return part;
    });
  },
};

/** The identity at inference. */
export const dropout: Operator<ShapeOperands, { readonly rate: number }> = {
  infer: ({ input }, { rate }) => {
    checkFloat("dropout", "input", input);
    checkAttribute("dropout", "rate", rate, rate >= 0 && rate <= 1, "a number from 0 to 1");
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input }) => [input],
};
