/**
 * What a kernel does in one run, counted by those who know its loops. Kinds of work are loops that take
 * about the same time a unit wherever they stand; how long that is on a target is in
 * `plan/machine-costs.ts`.
 */
export const workKinds = [
  /** Multiply-accumulates of register tiles, channels that only fill a tile up included. */
  "tileMacs",
  /** Runs of a register tile over inputs that lie behind each other: what it costs to begin one. */
  "tileRuns",
  /** Multiply-accumulates of depth-wise loops. */
  "depthwiseMacs",
  /** Numbers that a transform of tiles reads or writes. */
  "transforms",
  /** Numbers that a loop over elements reads or writes. */
  "elements",
  /** Numbers of which a function with a long formula is computed: exp and what is made of it. */
  "longFunctions",
  /** Bytes of weights: read once a run, from behind the caches. */
  "weightBytes",
] as const;

export type WorkKind = (typeof workKinds)[number];

/** Amounts by kind; kinds that are not there are 0. */
export type Work = { readonly [K in WorkKind]?: number };

/** The work of two things done one after the other. */
export function bothWorks(a: Work, b: Work): Work {
  const sum: { [K in WorkKind]?: number } = { ...a };
  for (const kind of workKinds) {
    const own = b[kind];
    if (own !== undefined) sum[kind] = (sum[kind] ?? 0) + own;
  }
  return sum;
}
