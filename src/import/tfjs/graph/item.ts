import type { Dense } from "../../../ir/ops/operator.js";
import { halfToNumber, type StoredTensor } from "../../../weights/store.js";
import type { Feature } from "../feature.js";

/** A tensor whose numbers are known while the model is read: weights, shapes, axes. */
export class Known {
  #dense: Dense | undefined;

  private constructor(
    readonly shape: readonly number[],
    /** Whether its numbers are floats: those become parameters. */
    readonly isFloat: boolean,
    /** The tensor that it is in a file, when it is one as it stands. */
    readonly stored: StoredTensor | undefined,
    private readonly make: () => Float64Array,
  ) {}

  static stored(tensor: StoredTensor): Known {
    const isFloat = tensor.dtype.startsWith("float");
    return new Known(tensor.shape, isFloat, tensor, () => numbersOf(tensor));
  }

  static numbers(shape: readonly number[], numbers: Iterable<number>, isFloat = false): Known {
    const data = Float64Array.from(numbers, isFloat ? Math.fround : (x) => x);
    return new Known(shape, isFloat, undefined, () => data);
  }

  get dense(): Dense {
    this.#dense ??= { shape: this.shape, data: this.make() };
    return this.#dense;
  }
}

function numbersOf(stored: StoredTensor): Float64Array {
  const { dtype, data } = stored.read();
  return Float64Array.from({ length: data.length }, (_, at) => {
    const element = Number(data[at]);
    return dtype === "float16" ? halfToNumber(element) : element;
  });
}

/** What a node gives: numbers that are known, or computed on every run. */
export type Item = Known | Feature;
