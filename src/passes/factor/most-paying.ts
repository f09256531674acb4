/**
 * The largest number below `dear` for which something is faster; 0 when it is for none. Time grows with the
 * number, so it is found by halving; 1 is tried first, since most often nothing is faster.
 */
export function mostPaying(dear: number, isFaster: (count: number) => boolean): number {
  let paying = 0;
  while (dear - paying > 1) {
    const middle = paying === 0 ? 1 : Math.floor((paying + dear) / 2);
    if (isFaster(middle)) paying = middle;
    else if (paying === 0) return 0;
    else dear = middle;
  }
  return paying;
}
