import { build } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";

const reshape = (input: Value, shape: readonly number[]): Value =>
  build("reshape", { input }, { shape });

const transpose = (input: Value, permutation: readonly number[]): Value =>
  build("transpose", { input }, { permutation });

/** The axes of `[n, h, w, c]` in `[n, c, h, w]`. */
const axesInFirst = [0, 2, 3, 1];

/**
 * A tensor as TensorFlow sees it, which has channels last. Of images it keeps the form with channels first too,
 * in which this compiler's operators take them, so that between them nothing is transposed.
 */
export class Feature {
  #first: Value | undefined;
  #last: Value | undefined;

  private constructor(
    /** In TensorFlow's order of axes. */
    readonly shape: readonly number[],
    forms: { readonly first?: Value; readonly last?: Value },
  ) {
    this.#first = forms.first;
    this.#last = forms.last;
  }

  /** A tensor in TensorFlow's order of axes. */
  static last(value: Value): Feature {
    return new Feature(value.type.shape, { last: value });
  }

  /** An image `[n, c, h, w]`. */
  static first(value: Value): Feature {
    const [n, c, h, w] = value.type.shape as [number, number, number, number];
    return new Feature([n, h, w, c], { first: value });
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Whether it is an image that is there with channels first. */
  get isFirst(): boolean {
    return this.#first !== undefined;
  }

  /** An image with channels first. */
  get first(): Value {
    if (this.#first) return this.#first;
    const [n, h, w, c] = this.shape as [number, number, number, number];
    const last = this.last;
    this.#first =
      h * w === 1 || c === 1 ? reshape(last, [n, c, h, w]) : transpose(last, [0, 3, 1, 2]);
    return this.#first;
  }

  /** With TensorFlow's order of axes. */
  get last(): Value {
    if (this.#last) return this.#last;
    const [, h, w, c] = this.shape as [number, number, number, number];
    const first = this.first;
    this.#last =
      h * w === 1 || c === 1 ? reshape(first, this.shape) : transpose(first, [0, 2, 3, 1]);
    return this.#last;
  }

  /** The form at hand, channels first where there are both. */
  get value(): Value {
    return this.#first ?? this.last;
  }

  /** The axis of `value` that one of TensorFlow's is. */
  axis(axis: number): number {
    return this.isFirst ? axesInFirst[axis]! : axis;
  }

  /** Something made of `value`, with its order of axes. */
  like(value: Value): Feature {
    return this.isFirst ? Feature.first(value) : Feature.last(value);
  }

  /** A function of `value` that keeps the order of axes. */
  map(fn: (value: Value) => Value): Feature {
    return this.like(fn(this.value));
  }

  /** As an image, axes of one element in front of the others. */
  get asImage(): Feature {
    if (this.rank === 4) return this;
    const missing = Array.from({ length: 4 - this.rank }, () => 1);
    return Feature.last(reshape(this.last, [...missing, ...this.shape]));
  }

  reshaped(shape: readonly number[]): Feature {
    return Feature.last(reshape(this.last, shape));
  }
}

/** A function of two tensors, the axes of which are brought into the same order. */
export function combine(
  left: Feature,
  right: Feature,
  fn: (left: Value, right: Value) => Value,
): Feature {
  const isFirst = (left.isFirst || right.isFirst) && left.rank <= 4 && right.rank <= 4;
  if (!isFirst) return Feature.last(fn(left.last, right.last));
  return Feature.first(fn(left.asImage.first, right.asImage.first));
}
