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

/** Bytes of an arena that places pieces in some order, and where it puts them. */
interface Placing {
  readonly offsets: readonly number[];
  readonly arenaBytes: number;
}

/** Places pieces in an order, each in the tightest gap among those needed at the same time. */
function placeInOrder(pieces: readonly Piece[], order: readonly number[]): Placing {
  const offsets = pieces.map(() => 0);
  const done: number[] = [];
  let arenaBytes = 0;
  for (const index of order) {
    const piece = pieces[index]!;
    const neighbours = done
      .filter((other) => overlaps(pieces[other]!, piece))
      .map((other) => ({ start: offsets[other]!, end: offsets[other]! + pieces[other]!.bytes }))
      .sort((a, b) => a.start - b.start);
    offsets[index] = bestGap(neighbours, piece.bytes);
    arenaBytes = Math.max(arenaBytes, offsets[index]! + piece.bytes);
    done.push(index);
  }
  return { offsets, arenaBytes };
}

/** Orders to begin with: by size, by size times steps, by steps. */
function firstOrders(pieces: readonly Piece[]): number[][] {
  const rankings: ((piece: Piece) => number)[] = [
    ({ bytes }) => bytes,
    ({ bytes, first, last }) => bytes * (last - first + 1),
    ({ first, last }) => last - first,
  ];
  return rankings.map((rank) =>
    [...pieces.keys()].sort(
      (a, b) =>
        rank(pieces[b]!) - rank(pieces[a]!) ||
        pieces[b]!.bytes - pieces[a]!.bytes ||
        pieces[a]!.first - pieces[b]!.first ||
        a - b,
    ),
  );
}

/** Pairs of pieces that all tries together may look at: some tenths of a second. */
const mostPairs = 100_000_000;
const mostTries = 400;

/**
 * An order in which the pieces that stick out come earlier. They alternate between the front of all and
 * half the way there, so that the search does not run in a circle.
 */
function withTopEarlier(
  pieces: readonly Piece[],
  order: readonly number[],
  { offsets, arenaBytes }: Placing,
  round: number,
): number[] {
  const isTop = (index: number): boolean => offsets[index]! + pieces[index]!.bytes === arenaBytes;
  const tops = order.filter(isTop);
  const others = order.filter((index) => !isTop(index));
  const at = round % 2 === 0 ? 0 : Math.floor(order.indexOf(tops[0]!) / 2);
  return [...others.slice(0, at), ...tops, ...others.slice(at)];
}

/**
 * Places pieces so that the arena is small: largest first. Where that leaves gaps, other orders are tried,
 * and then those in which what sticks out at the top comes earlier, as long as there is something to gain.
 */
export function planMemory(pieces: readonly Piece[]): MemoryPlan {
  const arenaBound = boundOf(pieces);
  const tries = Math.min(mostTries, Math.floor(mostPairs / pieces.length ** 2));
  let best: Placing | undefined;
  for (const first of firstOrders(pieces)) {
    let order = first;
    for (let round = 0; round <= tries / 3; round++) {
      const placing = placeInOrder(pieces, order);
      if (!best || placing.arenaBytes < best.arenaBytes) best = placing;
      if (best.arenaBytes <= arenaBound) break;
      order = withTopEarlier(pieces, order, placing, round);
    }
  }
  return { offsets: [], arenaBytes: 0, ...best, arenaBound };
}
