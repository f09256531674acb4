import { describeValue } from "./arrays.js";

/** One class of a classifier's answer. */
export interface Class {
  readonly index: number;
  readonly label: string;
  /** The model's own number: a probability after softmax, else a logit. */
  readonly score: number;
}

/** The `top` classes by score, best first; equal scores in the order of their index, NaN last. */
export function topClasses(
  scores: ArrayLike<number>,
  labels: readonly string[],
  top: number = 5,
): Class[] {
  if (!Number.isInteger(top) || top < 1) {
    const got = typeof top === "number" ? String(top) : describeValue(top);
    throw new TypeError(`classify: top must be a whole number from 1, got ${got}`);
  }
  const rank = (index: number): number => {
    const score = scores[index]!;
    return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
  };
  return labels
    .map((label, index) => ({ index, label, score: scores[index]! }))
    .sort((a, b) => rank(b.index) - rank(a.index) || a.index - b.index)
    .slice(0, top);
}
