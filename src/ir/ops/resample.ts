import { f32, sizeOf } from "../types.js";
import { checkAttribute, checkCounts, checkRank } from "./check.js";
import type { Pair, Sides } from "./conv.js";
import type { Operator } from "./operator.js";
import type { ImageOperands } from "./resize.js";

/** How a row of the result is made of rows of the input. */
export const resampleModes = ["nearest", "linear", "cubic"] as const;

/** How rows of a result are placed over rows of the input; the names are ONNX's. */
export const coordinateModes = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_half_pixel_for_nn",
  "tf_crop_and_resize",
] as const;
export type Coordinates = (typeof coordinateModes)[number];

/** Which row is the nearest; halves go down or up. */
export const roundingModes = ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"] as const;
export type Rounding = (typeof roundingModes)[number];

export interface ResampleAttributes {
  readonly mode: (typeof resampleModes)[number];
  /** Height and width of the result. */
  readonly size: Pair;
  readonly coordinates: Coordinates;
  /** Result over input as the coordinates take it, which need not be that of the sizes. */
  readonly scale: Pair;
  /** First row and column, last row and column as parts of the input; for `tf_crop_and_resize`. */
  readonly region: Sides;
  /** For `nearest`. */
  readonly rounding: Rounding;
  /** The `a` of the cubic convolution, for `cubic`. */
  readonly coefficient: number;
  /** Whether rows outside weigh nothing, the others as much more, instead of repeating the border; for `cubic`. */
  readonly excludeOutside: boolean;
  /** What `tf_crop_and_resize` shows outside the input. */
  readonly outside: number;
}

/** One part of a row or column of the result. */
export interface Tap {
  readonly at: number;
  readonly weight: number;
}

/** Where row `at` of `out` lies among `size` rows. */
function placeOf(attrs: ResampleAttributes, axis: 0 | 1, size: number, at: number): number {
  const [scale, out] = [attrs.scale[axis], attrs.size[axis]];
  switch (attrs.coordinates) {
    case "half_pixel":
      return (at + 0.5) / scale - 0.5;
    case "half_pixel_symmetric":
      return (size / 2) * (1 - out / (scale * size)) + (at + 0.5) / scale - 0.5;
    case "pytorch_half_pixel":
      return out > 1 ? (at + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      return out > 1 ? (at * (size - 1)) / (out - 1) : 0;
    case "asymmetric":
      return at / scale;
    case "tf_half_pixel_for_nn":
      return (at + 0.5) / scale;
    case "tf_crop_and_resize": {
      const [start, end] = [attrs.region[axis], axis === 0 ? attrs.region[2] : attrs.region[3]];
      if (out === 1) return ((start + end) / 2) * (size - 1);
      return start * (size - 1) + (at * (end - start) * (size - 1)) / (out - 1);
    }
  }
}

/** Places that only rounding parts from a multiple of 1/64 lie there: halves must be halves. */
function settled(place: number): number {
  const near = Math.round(place * 64) / 64;
  return Math.abs(place - near) < 1e-6 ? near : place;
}

const roundings: { readonly [K in Rounding]: (place: number) => number } = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
};

/** Keys' cubic convolution with the coefficient `a`. */
function cubic(a: number, x: number): number {
  const t = Math.abs(x);
  if (t <= 1) return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1;
  return t < 2 ? a * t ** 3 - 5 * a * t ** 2 + 8 * a * t - 4 * a : 0;
}

function tapsAt(attrs: ResampleAttributes, place: number, size: number): Tap[] {
  const { mode, rounding, coefficient, excludeOutside } = attrs;
  const inside = (at: number): number => Math.min(Math.max(at, 0), size - 1);
  if (mode === "nearest") return [{ at: inside(roundings[rounding](place)), weight: 1 }];
  const first = Math.floor(place);
  if (mode === "linear") {
    const weight = place - first;
    return [
      { at: inside(first), weight: 1 - weight },
      { at: inside(first + 1), weight },
    ];
  }
  const taps = [-1, 0, 1, 2].map((by) => ({
    at: first + by,
    weight: cubic(coefficient, place - first - by),
  }));
  if (!excludeOutside) return taps.map(({ at, weight }) => ({ at: inside(at), weight }));
  const kept = taps.filter(({ at }) => at >= 0 && at < size);
  const sum = kept.reduce((total, { weight }) => total + weight, 0);
  return kept.map(({ at, weight }) => ({ at, weight: sum === 0 ? 0 : weight / sum }));
}

/**
 * For each row (axis 0) or column (axis 1) of the result, the input's that it is made of; undefined where
 * it lies outside of a crop.
 */
export function resampleTaps(
  attrs: ResampleAttributes,
  axis: 0 | 1,
  size: number,
): (readonly Tap[] | undefined)[] {
  return Array.from({ length: attrs.size[axis] }, (_, at) => {
    const place = settled(placeOf(attrs, axis, size, at));
    const isOutside = place < 0 || place > size - 1;
    if (attrs.coordinates === "tf_crop_and_resize" && isOutside) return undefined;
    return tapsAt(attrs, place, size);
  });
}

/** Resizing with every way of placing rows and of weighing them; `resize` has the usual ones. */
export const resample: Operator<ImageOperands, ResampleAttributes> = {
  infer: ({ input }, { size, scale }) => {
    checkRank("resample", "input", input, [4]);
    checkCounts("resample", "size", size, 1);
    for (const by of scale) {
      const holds = by > 0 && Number.isFinite(by);
      checkAttribute("resample", "scale", by, holds, "a number greater than 0");
    }
    return [f32(input.shape[0]!, input.shape[1]!, ...size)];
  },
  macs: () => 0,
  evaluate: ({ input }, attrs, results) => {
    const [n, c, h, w] = input.shape as [number, number, number, number];
    const rows = resampleTaps(attrs, 0, h);
    const columns = resampleTaps(attrs, 1, w);
    const { shape } = results[0]!;
    const data = new Float64Array(sizeOf(shape)).fill(attrs.outside);
    let to = 0;
    for (let plane = 0; plane < n * c; plane++) {
      for (const row of rows) {
        for (const column of columns) {
          const at = to++;
          if (!row || !column) continue;
          data[at] = row.reduce(
            (sum, y) =>
              column.reduce(
                (part, x) =>
                  part + y.weight * x.weight * input.data[(plane * h + y.at) * w + x.at]!,
                sum,
              ),
            0,
          );
        }
      }
    }
    return [{ shape, data }];
  },
};
