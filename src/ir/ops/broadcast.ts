import { sizeOf, stridesOf } from "../types.js";
import type { Dense } from "./operator.js";

/** The shape that two shapes broadcast to as in NumPy; undefined when they do not fit. */
export function broadcastShape(
  left: readonly number[],
  right: readonly number[],
): readonly number[] | undefined {
  const rank = Math.max(left.length, right.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) return undefined;
    shape.push(a === 1 ? b : a);
  }
  return shape;
}

/** Row-major strides with which a tensor is read under a larger shape: 0 where it repeats. */
function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  return to.map((_, axis) => {
    const own = axis - to.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : (strides[own] ?? 0);
  });
}

/**
 * A new tensor of the shape: the element at `index` is the input's at
 * `offset + Σ index[axis] · strides[axis]`.
 */
export function gather(
  input: Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Dense {
  const data = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < data.length; to++) {
    data[to] = input[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** The tensor repeated along the axes in which it has one element. */
export const broadcastTo = (input: Dense, shape: readonly number[]): Dense =>
  gather(input.data, shape, broadcastStrides(input.shape, shape));
