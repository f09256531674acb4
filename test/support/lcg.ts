/**
 * Numbers in −1 … 1 from a linear congruential generator, rounded to float32: what the numbers that tests of
 * kernels' structure expect were computed from.
 */
export function lcg(seed: number, count: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((2 * state) / 2 ** 32 - 1);
  });
}
