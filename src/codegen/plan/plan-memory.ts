/** A piece of memory that is needed from one step to another, both included. */
export interface Piece {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Where pieces lie, in their order. */
interface MemoryPlan {
  readonly offsets: readonly number[];
  readonly arenaBytes: number;
  /** No order of these pieces needs less: the largest sum of bytes needed at one step. */
  readonly arenaBound: number;
}

const overlaps = (a: Piece, b: Piece): boolean => a.first <= b.last && b.first <= a.last;

/** The largest sum of pieces needed at one step. */
function boundOf(pieces: readonly Piece[]): number {
  const steps = new Map<number, number>();
  for (const { first, last, bytes } of pieces) {
    steps.set(first, (steps.get(first) ?? 0) + bytes);
    steps.set(last + 1, (steps.get(last + 1) ?? 0) - bytes);
  }
  let live = 0;
  let bound = 0;
  for (const [, change] of [...steps].sort(([a], [b]) => a - b)) {
    live += change;
    bound = Math.max(bound, live);
  }
  return bound;
}

interface Placed {
  readonly start: number;
  readonly end: number;
}

/** The smallest gap between neighbours (by start) that holds `bytes`; else behind them all. */
function bestGap(neighbours: readonly Placed[], bytes: number): number {
  let best = Number.POSITIVE_INFINITY;
  let at = 0;
  let end = 0;
  for (const placed of neighbours) {
    const gap = placed.start - end;
    if (gap >= bytes && gap < best) {
      best = gap;
      at = end;
    }
    end = Math.max(end, placed.end);
  }
  return best === Number.POSITIVE_INFINITY ? end : at;
}

/** Places pieces largest first, each in the tightest gap among those needed at the same time. */
export function planMemory(pieces: readonly Piece[]): MemoryPlan {
  const offsets = pieces.map(() => 0);
  const done: number[] = [];
  const largestFirst = [...pieces.keys()].sort(
    (a, b) => pieces[b]!.bytes - pieces[a]!.bytes || pieces[a]!.first - pieces[b]!.first || a - b,
  );
  let arenaBytes = 0;
  for (const index of largestFirst) {
    const piece = pieces[index]!;
    const neighbours = done
      .filter((other) => overlaps(pieces[other]!, piece))
      .map((other) => ({ start: offsets[other]!, end: offsets[other]! + pieces[other]!.bytes }))
      .sort((a, b) => a.start - b.start);
    offsets[index] = bestGap(neighbours, piece.bytes);
    arenaBytes = Math.max(arenaBytes, offsets[index]! + piece.bytes);
    done.push(index);
  }
  return { offsets, arenaBytes, arenaBound: boundOf(pieces) };
}
