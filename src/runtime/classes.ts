import { describeValue, printNames } from "./arrays.js";

/** One class of a classifier's answer. */
export interface Class {
  readonly index: number;
  readonly label: string;
  /** The model's own number: a probability after softmax, else a logit. */
  readonly score: number;
}

/** How many classes the caller of `classify` wants: 5 unless told. */
export function topOf(options: unknown = {}): number {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`classify: options must be an object, got ${describeValue(options)}`);
  }
  const unknown = Object.keys(options).filter((key) => key !== "top");
  if (unknown.length > 0) {
    throw new TypeError(`classify: unknown option ${printNames(unknown)}: it takes "top"`);
  }
  const { top = 5 } = options as { top?: unknown };
  if (typeof top === "number" && Number.isInteger(top) && top >= 1) return top;
  const got = typeof top === "number" ? String(top) : describeValue(top);
  throw new TypeError(`classify: top must be a whole number from 1, got ${got}`);
}

/** The `top` classes by score, best first; equal scores in the order of their index, NaN last. */
export function topClasses(
  scores: ArrayLike<number>,
  labels: readonly string[],
  top: number,
): Class[] {
  const rank = (index: number): number => {
    const score = scores[index]!;
    return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
  };
  return labels
    .map((label, index) => ({ index, label, score: scores[index]! }))
    .sort((a, b) => rank(b.index) - rank(a.index) || a.index - b.index)
    .slice(0, top);
}
