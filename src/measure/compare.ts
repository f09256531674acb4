import { medianOf } from "./time-steps.js";

/** Arrays by input. */
export type Feeds = Readonly<Record<string, Float32Array | Uint8Array>>;

/** What runs a network: arrays in, arrays out. */
export interface Rival {
  readonly name: string;
  run(feeds: Feeds): Promise<ReadonlyMap<string, Float32Array>>;
}

/** Two runtimes on one network. */
export interface Comparison {
  /** The largest difference of the outputs, as a share of the largest output. */
  readonly difference: number;
  /** Medians in milliseconds, and the median of the paired ratios: our time by theirs. */
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  readonly rounds: number;
}

/** The largest difference of two results, as a share of the largest number in the second. */
export function differenceOf(
  ours: ReadonlyMap<string, Float32Array>,
  theirs: ReadonlyMap<string, Float32Array>,
): number {
  let [largest, difference] = [0, 0];
  for (const [name, other] of theirs) {
    const own = ours.get(name);
    if (own === undefined || own.length !== other.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < other.length; i++) {
      largest = Math.max(largest, Math.abs(other[i]!));
      const apart = Math.abs(own[i]! - other[i]!);
      difference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(difference, apart);
    }
  }
  return difference === 0 ? 0 : difference / largest;
}

/** How long is measured, and for how long each runs unmeasured before. */
export interface Effort {
  readonly ms: number;
  readonly warmUpMs: number;
}

const usual: Effort = { ms: 4000, warmUpMs: 400 };
const rounding = { ms: 40, least: 5, most: 300 } as const;

async function timeRuns(rival: Rival, feeds: Feeds, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) await rival.run(feeds);
  return (performance.now() - start) / runs;
}

async function warmUp(rival: Rival, feeds: Feeds, warmUpMs: number): Promise<number> {
  const end = performance.now() + warmUpMs;
  let ms = await timeRuns(rival, feeds, 2);
  while (performance.now() < end) ms = Math.min(ms, await timeRuns(rival, feeds, 2));
  return ms;
}

/** Times both in turns on the same inputs, after their outputs were compared. */
export async function compareRivals(
  ours: Rival,
  theirs: Rival,
  feeds: Feeds,
  { ms, warmUpMs }: Effort = usual,
): Promise<Comparison> {
  const difference = differenceOf(await ours.run(feeds), await theirs.run(feeds));
  const runsOf = async (rival: Rival): Promise<number> =>
    Math.max(1, Math.round(rounding.ms / (await warmUp(rival, feeds, warmUpMs))));
  const [ownRuns, otherRuns] = [await runsOf(ours), await runsOf(theirs)];
  const rounds: { readonly own: number; readonly other: number }[] = [];
  const end = performance.now() + ms;
  while (
    rounds.length < rounding.least ||
    (rounds.length < rounding.most && performance.now() < end)
  ) {
    const own = await timeRuns(ours, feeds, ownRuns);
    rounds.push({ own, other: await timeRuns(theirs, feeds, otherRuns) });
  }
  return {
    difference,
    ours: medianOf(rounds.map(({ own }) => own)),
    theirs: medianOf(rounds.map(({ other }) => other)),
    ratio: medianOf(rounds.map(({ own, other }) => own / other)),
    rounds: rounds.length,
  };
}
