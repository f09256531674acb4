/** Squares of differences and of what they are differences from. */
export interface Difference {
  readonly squares: number;
  readonly of: number;
}

/** The difference of two arrays of equal length, the second being the true one. */
export function differenceOf(actual: Float32Array, expected: Float32Array): Difference {
  let [squares, of] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    squares += (actual[at]! - expected[at]!) ** 2;
    of += expected[at]! ** 2;
  }
  return { squares, of };
}

/** The relative L2 error |actual − expected| / |expected| of several differences together; NaN where it is unknown. */
export function relativeError(differences: readonly Difference[]): number {
  const squares = differences.reduce((sum, difference) => sum + difference.squares, 0);
  const of = differences.reduce((sum, difference) => sum + difference.of, 0);
  return squares === 0 ? 0 : Math.sqrt(squares / of);
}

/** How many rows of scores have their highest at the same place; the first of equal ones counts. */
export function agreeing(actual: Float32Array, expected: Float32Array, scores: number): number {
  let count = 0;
  for (let row = 0; row < expected.length; row += scores) {
    const end = row + scores;
    if (highest(actual.subarray(row, end)) === highest(expected.subarray(row, end))) count++;
  }
  return count;
}

function highest(scores: Float32Array): number {
  let best = 0;
  for (let at = 1; at < scores.length; at++) if (scores[at]! > scores[best]!) best = at;
  return best;
}
