import {
  byPlace,
  commonDivisor,
  imageShape,
  once,
  regrouped,
  sumOf,
  type Tap,
  type WindowMap,
} from "./window-map.js";

/** Why two maps one after the other are no window map: a clause in lower case. */
export interface NoMap {
  readonly refused: string;
}

/**
 * A map of the result of another as one map: kernels convolve, strides multiply.
 *
 *   outer(inner(x))[i] = Σ b  B[b] · (a₀ + Σ a  A[a] · x[(i · sB + b) · sA + a])
 *
 * That holds where `outer` reads what `inner` computes. Where it reads the zeros around that, the product must
 * read nothing but zeros around `x`, else there is no such map; and `a₀` must not be added there, so the shift
 * differs from place to place.
 */
export function composeMaps(outer: WindowMap, inner: WindowMap): WindowMap | NoMap {
  const seesZeros = [0, 1].some((axis) => placesOutside(outer, inner, axis).length > 0);
  if (seesZeros && ![0, 1].every((axis) => keepsZeros(outer, inner, axis))) {
    return { refused: "zeros between two windows are not what the first one makes at the border" };
  }
  const groups = commonDivisor(outer.groups, inner.groups);
  const [, , rows, columns] = outer.shape;
  const pairs = outer.taps.flatMap((b) =>
    inner.taps.map((a) => ({
      row: b.row * inner.stride[0] + a.row,
      column: b.column * inner.stride[1] + a.column,
      outer: b,
      inner: a,
    })),
  );
  const product = productOf(outer, inner, groups);
  const taps = byPlace(pairs).map((there) => ({
    row: there[0]!.row,
    column: there[0]!.column,
    weight: () => sumOf(there.map((pair) => product(pair.outer, pair.inner))),
  }));
  const isShifted = inner.shift().some((x) => x !== 0);
  const staysUniform = outer.isUniform && inner.isUniform && !(seesZeros && isShifted);
  const isUniform = staysUniform || rows * columns === 1;
  const stride = [outer.stride[0] * inner.stride[0], outer.stride[1] * inner.stride[1]] as const;
  const places = isUniform ? 1 : rows * columns;
  const shift = once(() => composedShift(outer, inner, places));
  return { input: inner.input, shape: outer.shape, groups, stride, taps, isUniform, shift };
}

/** Places along an axis that `outer` reads and `inner` does not compute. */
function placesOutside(outer: WindowMap, inner: WindowMap, axis: number): number[] {
  const [size, count] = [inner.shape[axis + 2]!, outer.shape[axis + 2]!];
  const offsets = new Set(outer.taps.map((tap) => (axis === 0 ? tap.row : tap.column)));
  const outside = new Set<number>();
  for (const offset of offsets) {
    for (let at = 0; at < count; at++) {
      const place = at * outer.stride[axis]! + offset;
      if (place < 0 || place >= size) outside.add(place);
    }
  }
  return [...outside];
}

/** Whether `inner` without its shift would be zero at all places outside that `outer` reads. */
function keepsZeros(outer: WindowMap, inner: WindowMap, axis: number): boolean {
  const size = imageShape(inner.input)![axis + 2]!;
  const offsets = [...new Set(inner.taps.map((tap) => (axis === 0 ? tap.row : tap.column)))];
  return placesOutside(outer, inner, axis).every((place) =>
    offsets.every((offset) => {
      const read = place * inner.stride[axis]! + offset;
      return read < 0 || read >= size;
    }),
  );
}

/** How a tap of one map is multiplied with a tap of another, in so many groups. */
function productOf(
  outer: WindowMap,
  inner: WindowMap,
  groups: number,
): (b: Tap, a: Tap) => Float64Array {
  const [, inputs] = imageShape(inner.input)!;
  const [between, channels] = [inner.shape[1], outer.shape[1]];
  const [left, right] = [onceEach(), onceEach()];
  if (outer.groups === channels && channels === between) {
    return (b, a) => scaledRows(right(a), left(b));
  }
  if (inner.groups === inputs && inputs === between) {
    return (b, a) => scaledColumns(left(b), right(a), channels, outer.groups);
  }
  const wideLeft = (b: Tap) => regrouped(left(b), channels, outer.groups, groups);
  const wideRight = (a: Tap) => regrouped(right(a), between, inner.groups, groups);
  const width = inputs / groups;
  return (b, a) => blockProduct(wideLeft(b), wideRight(a), { channels, groups, width });
}

/** The weights of taps, each computed once. */
function onceEach(): (tap: Tap) => Float64Array {
  const known = new Map<Tap, Float64Array>();
  return (tap) => {
    const weight = known.get(tap) ?? tap.weight();
    known.set(tap, weight);
    return weight;
  };
}

/** A weight with each row multiplied by its own factor. */
function scaledRows(weight: Float64Array, factors: Float64Array): Float64Array {
  const width = weight.length / factors.length;
  return weight.map((x, i) => x * factors[Math.floor(i / width)]!);
}

/** A weight with each input channel multiplied by its own factor. */
function scaledColumns(
  weight: Float64Array,
  factors: Float64Array,
  channels: number,
  groups: number,
): Float64Array {
  const width = weight.length / channels;
  return weight.map((x, i) => {
    const group = Math.floor((Math.floor(i / width) * groups) / channels);
    return x * factors[group * width + (i % width)]!;
  });
}

/** The product of two block-diagonal matrices, each held as its blocks' rows. */
function blockProduct(
  left: Float64Array,
  right: Float64Array,
  size: { readonly channels: number; readonly groups: number; readonly width: number },
): Float64Array {
  const { channels, groups, width } = size;
  const product = new Float64Array(channels * width);
  const between = left.length / channels;
  for (let o = 0; o < channels; o++) {
    const first = Math.floor((o * groups) / channels) * between;
    for (let k = 0; k < between; k++) {
      const factor = left[o * between + k]!;
      const from = (first + k) * width;
      for (let c = 0; c < width; c++) product[o * width + c]! += factor * right[from + c]!;
    }
  }
  return product;
}

/** `outer`'s shift and what it makes of `inner`'s, at the first so many places. */
function composedShift(outer: WindowMap, inner: WindowMap, places: number): Float64Array {
  const [, channels, , columns] = outer.shape;
  const [, , height, width] = inner.shape;
  const [own, below] = [outer.shift(), inner.shift()];
  const result = new Float64Array(channels * places);
  for (let at = 0; at < result.length; at++) {
    result[at] = own[outer.isUniform ? Math.floor(at / places) : at]!;
  }
  for (const tap of outer.taps) {
    const weight = tap.weight();
    const perGroup = weight.length / channels;
    for (let at = 0; at < places; at++) {
      const y = Math.floor(at / columns) * outer.stride[0] + tap.row;
      const x = (at % columns) * outer.stride[1] + tap.column;
      if (y < 0 || x < 0 || y >= height || x >= width) continue;
      for (let o = 0; o < channels; o++) {
        const first = Math.floor((o * outer.groups) / channels) * perGroup;
        for (let k = 0; k < perGroup; k++) {
          const from = inner.isUniform ? first + k : ((first + k) * height + y) * width + x;
          result[o * places + at]! += weight[o * perGroup + k]! * below[from]!;
        }
      }
    }
  }
  return result;
}
