import { type Compiled, instantiate } from "../../src/index.js";

/** The inputs of one inference, by name. */
export type Inputs = Readonly<Record<string, Float32Array>>;

/** A compiled network that can be called. */
export interface Ready {
  readonly compiled: Compiled;
  /** The outputs of one inference behind each other, as a copy. */
  outputs(inputs: Inputs): Float32Array;
  /** One inference whose outputs nobody looks at. */
  run(inputs: Inputs): void;
}

/** A compiled network in this process. */
export async function readyOf(compiled: Compiled): Promise<Ready> {
  const model = await instantiate(compiled);
  return {
    compiled,
    run: (inputs) => void model.run(inputs),
    outputs(inputs) {
      const results = Object.values(model.run(inputs));
      return Float32Array.from(results.flatMap((result) => Array.from(result as Float32Array)));
    },
  };
}

/** How long each network is measured, in milliseconds, and in how many turns. */
const [turnMs, turns] = [4, 150];

/** The shortest milliseconds that each network took for an inference, measured in turns with the others. */
export function shortest(networks: readonly Ready[], inputs: Inputs): number[] {
  const least = networks.map(() => Number.POSITIVE_INFINITY);
  for (const { run } of networks) for (let i = 0; i < 20; i++) run(inputs);
  for (let turn = 0; turn < turns; turn++) {
    networks.forEach(({ run }, at) => {
      const end = performance.now() + turnMs;
      let start = performance.now();
      while (start < end) {
        run(inputs);
        const now = performance.now();
        least[at] = Math.min(least[at]!, now - start);
        start = now;
      }
    });
  }
  return least;
}

/** The place of the largest number. */
export const best = (scores: Float32Array): number =>
  scores.reduce((top, score, at) => (score > scores[top]! ? at : top), 0);

/** 10 · log10(peak² / mean squared difference) in dB, the peak being the largest number of the second. */
export function peakSignalToNoise(
  pairs: readonly (readonly [Float32Array, Float32Array])[],
): number {
  let [sum, count, peak] = [0, 0, 0];
  for (const [actual, expected] of pairs) {
    expected.forEach((value, at) => {
      sum += (actual[at]! - value) ** 2;
      peak = Math.max(peak, Math.abs(value));
    });
    count += expected.length;
  }
  return 10 * Math.log10(peak ** 2 / (sum / count));
}
