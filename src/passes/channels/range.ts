/** Bounds of a channel's elements, both included. Equal bounds: all its elements are that number. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What is known of each channel of a value. */
export type Facts = readonly Range[];

/** Nothing is known; elements may even be no numbers. */
export const unknown: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

export const zero: Range = { low: 0, high: 0 };

/** One number; unknown when it is infinite or none. */
export const exactly = (x: number): Range => (Number.isFinite(x) ? { low: x, high: x } : unknown);

/** Bounds as computed; unknown when one of them is no number. */
export const between = (low: number, high: number): Range =>
  low <= high ? { low, high } : unknown;

/** The number that all elements are; undefined when they may differ. */
export const constantIn = ({ low, high }: Range): number | undefined =>
  low === high ? low : undefined;

export const isZero = ({ low, high }: Range): boolean => low === 0 && high === 0;

/** What holds for elements of either. */
export const hull = (a: Range, b: Range): Range =>
  a === b ? a : { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };

/** What holds for elements of any of them. */
export const hullOf = (ranges: readonly Range[]): Range =>
  ranges.length === 0 ? unknown : ranges.reduce(hull);

/** What sums and functions computed in float32 may miss the true result by, relative to their terms. */
const rounding = 1e-6;

/** Bounds moved outward by what float32 may add to terms of those sizes. */
export const widened = ({ low, high }: Range, lowTerms: number, highTerms: number): Range =>
  between(low - rounding * lowTerms, high + rounding * highTerms);

/** A product, where 0 times anything is 0: channels of zeros stay zeros. */
export const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/** The hull of finitely many numbers; unknown when one of them is none. */
export const spanOf = (numbers: ArrayLike<number>): Range => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < numbers.length; at++) {
    const x = numbers[at]!;
    if (!Number.isFinite(x)) return unknown;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return between(low, high);
};
