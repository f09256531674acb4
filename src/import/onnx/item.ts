import type { Value } from "../../ir/graph.js";
import type { Dense } from "../../ir/ops/operator.js";
import { sizeOf } from "../../ir/types.js";
import {
  type DataType,
  halfToNumber,
  type StoredTensor,
  type Tensor,
} from "../../weights/store.js";

/** A tensor whose elements are known while the model is read: weights, shapes, axes. */
export interface Known {
  readonly kind: "known";
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** The elements as float64, read when first asked for. */
  dense(): Dense;
  /** The tensor that it is in a file, when it is one as it stands. */
  readonly stored?: StoredTensor | undefined;
  /** The tensor that this is with its axes in another order: axis i is axis `order[i]` of it. */
  readonly turned?: { readonly of: Known; readonly order: readonly number[] } | undefined;
}

/** A tensor that is computed on every run. `dtype` is what the model calls its elements. */
export interface Computed {
  readonly kind: "computed";
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly value: Value;
}

/** A value of a model while it is read. */
export type Item = Known | Computed;

export const isFloat = (dtype: DataType): boolean => dtype.startsWith("float");
const isInteger = (dtype: DataType): boolean => /int/.test(dtype);

function numbersOf({ dtype, data }: Tensor): Float64Array {
  const numbers = new Float64Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const element = Number(data[at]!);
    numbers[at] = dtype === "float16" ? halfToNumber(element) : element;
  }
  return dtype === "bool" ? numbers.map((x) => (x === 0 ? 0 : 1)) : numbers;
}

/** A tensor of a file or an option. */
export function knownTensor(stored: StoredTensor): Known {
  const { dtype, shape } = stored;
  let dense: Dense | undefined;
  return {
    kind: "known",
    dtype,
    shape,
    stored,
    dense: () => {
      dense ??= { shape, data: numbersOf(stored.read()) };
      return dense;
    },
  };
}

const rounders: Partial<Record<DataType, (x: number) => number>> = {
  float32: Math.fround,
  bool: (x) => (x === 0 ? 0 : 1),
};

/** Numbers that were computed, rounded as elements of the type are: integers towards zero. */
export function knownNumbers(
  dtype: DataType,
  shape: readonly number[],
  numbers: Float64Array | readonly number[],
): Known {
  const round = rounders[dtype] ?? (isInteger(dtype) ? Math.trunc : undefined);
  const data = new Float64Array(numbers);
  if (round) for (let at = 0; at < data.length; at++) data[at] = round(data[at]!);
  const dense = { shape, data };
  return { kind: "known", dtype, shape, dense: () => dense };
}

export const computed = (value: Value, dtype: DataType): Computed => ({
  kind: "computed",
  dtype,
  shape: value.type.shape,
  value,
});

/** An item's numbers in memory as float32, rounded once. */
export function asTensor(known: Known): Tensor {
  const { shape, stored } = known;
  if (stored?.dtype === "float32") return stored.read();
  return { dtype: "float32", shape, data: new Float32Array(known.dense().data) };
}

/** The same elements in row-major order under another shape of as many. */
export function reshapedKnown(known: Known, shape: readonly number[]): Known {
  const { dtype, stored } = known;
  const read = stored && (() => ({ ...stored.read(), shape }));
  return {
    kind: "known",
    dtype,
    shape,
    dense: () => ({ shape, data: known.dense().data }),
    stored: read && { dtype, shape, read },
  };
}

export const elementsOf = ({ shape }: Item): number => sizeOf(shape);
