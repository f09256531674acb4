/**
 * Numbers that are normally distributed but for their tails (sums of twelve uniform ones), the same for
 * the same seed on every machine: starts and probes for searches.
 */
export function normal(length: number, seed: number): Float64Array {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float64Array.from({ length }, () => {
    let sum = -6;
    for (let count = 0; count < 12; count++) sum += next();
    return sum;
  });
}
