import type { LoadedSteps } from "./load-steps.js";

/** Samples of each step, in milliseconds. */
export class StepTimes {
  readonly #samples: number[][];

  constructor(readonly loaded: LoadedSteps) {
    this.#samples = loaded.steps.map(() => []);
  }

  /** Makes all calls in order, as an inference does, and keeps what each took. */
  sample(): void {
    let before = performance.now();
    this.loaded.steps.forEach((step, index) => {
      step.run();
      const after = performance.now();
      this.#samples[index]!.push(after - before);
      before = after;
    });
  }

  /** The shortest time of each step: what it takes when nothing else runs. */
  get shortest(): number[] {
    return this.#samples.map((samples) =>
      samples.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    );
  }

  /** The time of each step in the middle of its samples. */
  get medians(): number[] {
    return this.#samples.map(medianOf);
  }
}

/** The middle of some numbers, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Makes all calls a few times unmeasured, with a pause in which an engine can finish faster code. */
export async function warmUp(loaded: LoadedSteps, runs: number): Promise<void> {
  for (let run = 0; run < runs; run++) {
    for (const step of loaded.steps) step.run();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
