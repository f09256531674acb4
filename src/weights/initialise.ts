/** How a network without weights gets some. */
export type InitialisationKind = "he" | "zeros";

/**
 * Seeded values for one parameter. They depend on the seed, the path and the shape alone, so
 * parameters are independent of each other and of their order, and every machine makes the same
 * ones (integer arithmetic and IEEE operations only).
 *
 * `he`: the path's last component tells what a parameter is. Weights of two or more axes are
 * uniform with variance 2 / fan-in, which keeps the size of activations through deep rectified
 * networks; all others are small but never negligible, and variances are positive.
 * `zeros`: zeros, except that a running variance is one.
 */
export function initialise(
  kind: InitialisationKind,
  seed: number,
  path: string,
  shape: readonly number[],
): Float32Array {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  const [low, high] = kind === "zeros" ? zeroRange(path) : heRange(path, shape);
  const next = generator(seed, path);
  for (let at = 0; at < data.length; at++) data[at] = low + (high - low) * next();
  return data;
}

const lastComponent = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

const zeroRange = (path: string): readonly [number, number] =>
  lastComponent(path) === "running_var" ? [1, 1] : [0, 0];

function heRange(path: string, shape: readonly number[]): readonly [number, number] {
  if (shape.length >= 2) {
    const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
    const bound = Math.sqrt(6 / Math.max(1, fanIn));
    return [-bound, bound];
  }
  const kind = lastComponent(path);
  if (kind === "running_var") return [0.5, 1.5];
  return kind === "weight" ? [0.9, 1.1] : [-0.1, 0.1];
}

/**
 * Uniform numbers in [0, 1), 2^-32 apart: xoshiro128++ (Blackman and Vigna), its state filled by
 * splitmix32 from the seed and the path's FNV-1a hash.
 */
export function generator(seed: number, path: string): () => number {
  const state = splitmix(
    hash(path) ^ Math.imul(seed >>> 0, 0x9e3779b9),
    Math.floor(seed / 2 ** 32),
  );
  let [a, b, c, d] = [state(), state(), state(), state()];
  return () => {
    const result = (rotate((a + d) | 0, 7) + a) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193);
  }
  return value;
}

function splitmix(low: number, high: number): () => number {
  let value = low ^ Math.imul(high | 0, 0x85ebca6b);
  return () => {
    value = (value + 0x9e3779b9) | 0;
    let mixed = value ^ (value >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}
