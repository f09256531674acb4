/** The smallest magnitude that rounds to no finite half. */
export const halfLimit = 65520;

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

/**
 * The bits of the IEEE half nearest to an f32, ties to even. Magnitudes from `halfLimit` become infinite;
 * what is no number stays none.
 */
export function halfBits(value: number): number {
  floats[0] = value;
  const bits = words[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormal(Math.abs(value));
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Counted in 2⁻²⁴; adding 2⁵² leaves no bits for a fraction, and rounds as IEEE does. */
const subnormal = (magnitude: number): number => magnitude * 2 ** 24 + 2 ** 52 - 2 ** 52;

/** The first number that is finite and has no finite half. */
export const beyondHalves = (data: Float32Array): number | undefined =>
  data.find(
    (value) => Math.abs(value) >= halfLimit && Math.abs(value) !== Number.POSITIVE_INFINITY,
  );
