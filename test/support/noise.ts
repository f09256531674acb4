/** A stream of numbers in `0 … 1`, the same for the same seed on every machine. */
export function random(seed: number): () => number {
  let state = Math.imul(seed ^ 0x2545f491, 0x9e3779b1) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm++) next();
  return next;
}

/** Seeded numbers in `−1 … 1`, or in another range. */
export function noise(length: number, seed: number, from = -1, to = 1): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length }, () => from + (to - from) * next());
}
