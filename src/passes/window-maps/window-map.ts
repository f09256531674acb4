import type { Value } from "../../ir/graph.js";
import type { Pair } from "../../ir/ops/conv.js";

/** Images, channels, rows, columns. */
export type ImageShape = readonly [number, number, number, number];

/** One place of a window: what an output at `i, j` reads at `i · stride + row, j · stride + column`. */
export interface Tap {
  readonly row: number;
  readonly column: number;
  /** `[channels, input channels / groups]`, row-major; computed when asked for. */
  weight(): Float64Array;
}

/**
 * A linear map from one image to another that is the same at every place, up to its shift:
 *
 *   y[o, i, j] = shift[o (, i, j)] + Σ taps Σ c  weight[o, c] · x[c, i · stride + row, j · stride + column]
 *
 * with zeros around `x`. Places are counted from the input's first pixel, so that maps of one input add tap
 * by tap whatever kernels and pads they were written with.
 */
export interface WindowMap {
  /** `[n, c, h, w]`; or `[n, c]`, which is an image of one pixel. */
  readonly input: Value;
  readonly shape: ImageShape;
  /** Channels in blocks: outputs of a block read inputs of the same block. */
  readonly groups: number;
  readonly stride: Pair;
  /** No two at one place. */
  readonly taps: readonly Tap[];
  /** Whether the shift is one number a channel; else one for each element of an image. */
  readonly isUniform: boolean;
  shift(): Float64Array;
}

/** A value's shape as that of an image; undefined when it is neither an image nor a row of features. */
export function imageShape({ type }: Value): ImageShape | undefined {
  const [n = 1, c = 1, h = 1, w = 1] = type.shape;
  return type.shape.length === 4 || type.shape.length === 2 ? [n, c, h, w] : undefined;
}

/** A window of one place that weighs each channel by a number. */
export function channelMap(
  input: Value,
  shape: ImageShape,
  scale: Float64Array,
  shift: Float64Array,
): WindowMap {
  const tap = { row: 0, column: 0, weight: () => scale };
  const window = { groups: shape[1], stride: [1, 1], taps: [tap] } as const;
  return { input, shape, ...window, isUniform: true, shift: () => shift };
}

/** What returns its input. */
export const identityMap = (input: Value, shape: ImageShape): WindowMap =>
  channelMap(input, shape, new Float64Array(shape[1]).fill(1), new Float64Array(shape[1]));

/** The map with all its results of the other sign. */
export const negated = (map: WindowMap): WindowMap => ({
  ...map,
  taps: map.taps.map((tap) => ({ ...tap, weight: () => tap.weight().map((x) => -x) })),
  shift: () => map.shift().map((x) => -x),
});

/** Numbers that are computed when first asked for. */
export function once(compute: () => Float64Array): () => Float64Array {
  let known: Float64Array | undefined;
  return () => {
    known ??= compute();
    return known;
  };
}

/** The largest number that divides both. */
export const commonDivisor = (a: number, b: number): number =>
  b === 0 ? a : commonDivisor(b, a % b);

/** A tap's weight `[channels, inputs / from]` as one of fewer groups, `[channels, inputs / to]`. */
export function regrouped(
  weight: Float64Array,
  channels: number,
  from: number,
  to: number,
): Float64Array {
  if (from === to) return weight;
  const [narrow, wide] = [weight.length / channels, (weight.length / channels) * (from / to)];
  const result = new Float64Array(channels * wide);
  for (let o = 0; o < channels; o++) {
    const first =
      Math.floor((o * from) / channels) * narrow - Math.floor((o * to) / channels) * wide;
    result.set(weight.subarray(o * narrow, (o + 1) * narrow), o * wide + first);
  }
  return result;
}

/** The taps at each place, places in reading order. */
export function byPlace<T extends { readonly row: number; readonly column: number }>(
  taps: readonly T[],
): T[][] {
  const places = new Map<string, T[]>();
  for (const tap of taps) {
    const key = `${tap.row},${tap.column}`;
    const there = places.get(key);
    if (there) there.push(tap);
    else places.set(key, [tap]);
  }
  return [...places.values()];
}

/** The sum of several arrays of the same length. */
export function sumOf(arrays: readonly Float64Array[]): Float64Array {
  if (arrays.length === 1) return arrays[0]!;
  const total = arrays[0]!.slice();
  for (const array of arrays.slice(1)) {
    for (let i = 0; i < total.length; i++) total[i]! += array[i]!;
  }
  return total;
}

/** A shift as one number for each element of an image. */
function spread(map: WindowMap): Float64Array {
  const shift = map.shift();
  if (!map.isUniform) return shift;
  const places = map.shape[2] * map.shape[3];
  return Float64Array.from(
    { length: shift.length * places },
    (_, i) => shift[Math.floor(i / places)]!,
  );
}

/**
 * The sum of maps of one input and one result shape; undefined when their strides differ along an axis of
 * more than one result.
 */
export function sumMap(maps: readonly WindowMap[]): WindowMap | undefined {
  const { input, shape } = maps[0]!;
  const stride = [0, 1].map((axis) => {
    const strides = new Set(maps.map((map) => map.stride[axis]!));
    return strides.size > 1 && shape[axis + 2]! > 1 ? undefined : Math.max(...strides);
  });
  const [rows, columns] = stride;
  if (rows === undefined || columns === undefined) return undefined;
  const groups = maps.map((map) => map.groups).reduce(commonDivisor);
  const all = maps.flatMap((map) =>
    map.taps.map(({ row, column, weight }) => ({
      row,
      column,
      weight: () => regrouped(weight(), shape[1], map.groups, groups),
    })),
  );
  const taps = byPlace(all).map((there) => ({
    ...there[0]!,
    weight: () => sumOf(there.map((tap) => tap.weight())),
  }));
  const isUniform = maps.every((map) => map.isUniform);
  const shift = () => sumOf(maps.map((map) => (isUniform ? map.shift() : spread(map))));
  return { input, shape, groups, stride: [rows, columns], taps, isUniform, shift };
}
