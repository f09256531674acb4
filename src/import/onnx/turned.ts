import { sizeOf } from "../../ir/types.js";
import type { StoredTensor, Tensor } from "../../weights/store.js";
import type { Known } from "./item.js";

/** What the elements of a tensor lie in. */
type Numbers = Float32Array | Float64Array;

/** Writes elements of a shape into `to` with the axes in another order, row-major. */
function permute<T extends Numbers>(
  from: T,
  shape: readonly number[],
  order: readonly number[],
  to: T,
): T {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const last = order.at(-1) ?? 0;
  const [width, step] = [shape[last] ?? 1, strides[last] ?? 1];
  const outer = order.slice(0, -1);
  const at = outer.map(() => 0);
  for (let row = 0, start = 0; row < to.length; row += width) {
    for (let column = 0; column < width; column++) to[row + column] = from[start + column * step]!;
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const stride = strides[outer[axis]!]!;
      start += stride;
      if (++at[axis]! < shape[outer[axis]!]!) break;
      start -= stride * at[axis]!;
      at[axis] = 0;
    }
  }
  return to;
}

/**
 * A known tensor with its axes in another order: axis i of the result is axis `permutation[i]`. Elements
 * move when they are asked for, floats of 32 bits as such; what is turned back is the tensor itself.
 */
export function turnedKnown(known: Known, permutation: readonly number[]): Known {
  const { of: base, order: before } = known.turned ?? { of: known, order: [...permutation.keys()] };
  const order = permutation.map((axis) => before[axis] ?? axis);
  if (order.every((axis, index) => axis === index)) return base;
  const { dtype } = known;
  const shape = order.map((axis) => base.shape[axis] ?? 1);
  const dense = () => {
    const { data } = base.dense();
    return { shape, data: permute(data, base.shape, order, new Float64Array(data.length)) };
  };
  const stored = turnedFloats(base, shape, order);
  return { kind: "known", dtype, shape, dense, stored, turned: { of: base, order } };
}

/** What tensors are with their axes in other orders, while somebody holds it. */
const turnedTensors = new WeakMap<StoredTensor, Map<string, WeakRef<Tensor>>>();

/** A tensor of floats turned: the same one for all who ask while one of them holds it. */
function turnedFloats(
  { stored, shape: from }: Known,
  shape: readonly number[],
  order: readonly number[],
): StoredTensor | undefined {
  if (stored?.dtype !== "float32") return undefined;
  const dtype = "float32" as const;
  const turn = (): Tensor => {
    const { data } = stored.read();
    if (!(data instanceof Float32Array)) throw new TypeError("float32 is held otherwise");
    return { dtype, shape, data: permute(data, from, order, new Float32Array(data.length)) };
  };
  const read = () => {
    const known = turnedTensors.get(stored) ?? new Map<string, WeakRef<Tensor>>();
    turnedTensors.set(stored, known);
    const tensor = known.get(order.join())?.deref() ?? turn();
    known.set(order.join(), new WeakRef(tensor));
    return tensor;
  };
  return { dtype, shape, read };
}
