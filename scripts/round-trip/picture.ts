import { sizeOf } from "../../src/ir/types.js";
import { random } from "../../test/support/noise.js";

/**
 * Seeded numbers between `from` and `to` that look like a picture, in whatever order its axes are: each
 * axis has a slow wave, over all lies a grain of a tenth of the range.
 */
export function picture(shape: readonly number[], seed: number, from = 0, to = 1): Float32Array {
  const next = random(seed);
  const waves = shape.map((size) => {
    const [turns, phase] = [(1 + 2 * next()) / size, 2 * Math.PI * next()];
    return Array.from({ length: size }, (_, i) => Math.sin(2 * Math.PI * turns * i + phase));
  });
  const steps = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return Float32Array.from({ length: sizeOf(shape) }, (_, at) => {
    const sum = waves.reduce(
      (total, wave, axis) => total + wave[Math.floor(at / steps[axis]!) % wave.length]!,
      0,
    );
    const share = 0.5 + 0.45 * (sum / shape.length) + 0.1 * (next() - 0.5);
    return from + (to - from) * share;
  });
}
