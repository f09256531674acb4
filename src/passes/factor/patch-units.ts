import type { NodeOf } from "../../ir/graph.js";
import { type Matrix, matrixOf } from "../../numerics/matrix.js";
import type { Factors } from "./factors.js";
import type { Family } from "./families.js";
import { type Axis, axisSizes, placesAlong } from "./kernel-axes.js";

/** Outputs that the same features are summed up for, and the blocks of a family that give these features. */
export interface PatchUnit {
  readonly group: number;
  /** Counted over all groups. */
  readonly outputs: readonly number[];
  readonly blocks: readonly PatchBlock[];
  /** How many taps the second factor has: so often is each result of the first read. */
  readonly taps: number;
}

/** One of a family's matrices. */
export interface PatchBlock {
  /** Which, in their order. */
  readonly at: number;
  /** Where in the patch of its group it starts. */
  readonly place: number;
}

const isOfPatch = (axis: Axis): boolean => axis === "input" || axis === "row" || axis === "column";

/** Places in a patch of one group along the axes that a patch has, the last running fastest. */
const patchPlaces = (conv: NodeOf<"conv2d">, axes: readonly Axis[]): Int32Array =>
  placesAlong(conv, axes.filter(isOfPatch));

/**
 * The units of a family: an output each where the second factor works channel by channel, a group each otherwise.
 * Their blocks follow each other as the family's do.
 */
export function patchUnits(conv: NodeOf<"conv2d">, family: Family): PatchUnit[] {
  const { group: groups, output } = axisSizes(conv);
  const isDeep = family.block.includes("output");
  const perGroup = isDeep ? output : 1;
  const places = patchPlaces(conv, family.block);
  const taps = patchPlaces(conv, family.second).length;
  return Array.from({ length: groups * perGroup }, (_, unit) => {
    const group = Math.floor(unit / perGroup);
    const outputs = Array.from({ length: output }, (_, o) => group * output + o);
    const blocks = Array.from(places, (place, b) => ({ at: unit * places.length + b, place }));
    return { group, outputs: isDeep ? [unit] : outputs, blocks, taps };
  });
}

/** What the first factor of a block meets: the covariance of its part of the patch, in the mean over all taps. */
export function blockCovariance(
  conv: NodeOf<"conv2d">,
  { first, second }: Family,
  { columns, data }: Matrix,
  place: number,
): Matrix {
  const rows = patchPlaces(conv, first);
  const taps = patchPlaces(conv, second);
  const mean = matrixOf(rows.length, rows.length);
  for (const tap of taps) {
    const from = place + tap;
    rows.forEach((a, i) => {
      const row = (from + a) * columns + from;
      rows.forEach((b, j) => {
        mean.data[i * rows.length + j]! += data[row + b]! / taps.length;
      });
    });
  }
  return mean;
}

/** F: what the second factor of a unit reads, as sums over the patch: `[blocks · rank · taps, patch]`. */
export function featuresOf(
  conv: NodeOf<"conv2d">,
  { first, second }: Family,
  { left, rank }: Factors,
  { blocks }: PatchUnit,
): Matrix {
  const [rows, taps] = [patchPlaces(conv, first), patchPlaces(conv, second)];
  const { input, row, column } = axisSizes(conv);
  const features = matrixOf(blocks.length * rank * taps.length, input * row * column);
  blocks.forEach(({ at, place }, block) => {
    for (let r = 0; r < rank; r++) {
      taps.forEach((tap, t) => {
        const to = ((block * rank + r) * taps.length + t) * features.columns + place + tap;
        rows.forEach((from, i) => {
          features.data[to + from] = left[at]!.data[i * rank + r]!;
        });
      });
    }
  });
  return features;
}
