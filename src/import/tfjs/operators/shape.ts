import { build } from "../../../ir/build.js";
import type { PadAttributes } from "../../../ir/ops/pad.js";
import type { ReduceAttributes } from "../../../ir/ops/pool.js";
import { sizeOf } from "../../../ir/types.js";
import { Feature } from "../feature.js";
import { refuse } from "../reading.js";
import { concat, reduce, slice } from "./values.js";

/** An axis counted from the front. */
export function axisOf(rank: number, axis: number): number {
  const at = axis < 0 ? axis + rank : axis;
  return Number.isInteger(at) && at >= 0 && at < rank
    ? at
    : refuse(`there is no axis ${axis} of ${rank}`);
}

/** A shape of so many elements, one size of which may be −1: what is left for it. */
export function completed(shape: readonly number[], size: number): readonly number[] {
  const open = shape.indexOf(-1);
  if (open < 0) return shape;
  const rest = sizeOf(shape.filter((_, at) => at !== open));
  return shape.map((n, at) => (at === open ? size / rest : n));
}

/** Tensors joined along one of TensorFlow's axes. */
export function concatenate(features: readonly Feature[], axis: number): Feature {
  const [first] = features;
  if (!first) return refuse("nothing arrives to be joined");
  const at = axisOf(first.rank, axis);
  if (features.length === 1) return first;
  if (features.some((feature) => feature.isFirst) && features.every(({ rank }) => rank === 4)) {
    const images = features.map((feature) => feature.first);
    return Feature.first(concat(images, [0, 2, 3, 1][at]!));
  }
  return Feature.last(
    concat(
      features.map((feature) => feature.last),
      at,
    ),
  );
}

/** Axes in another order. */
export function permute(feature: Feature, permutation: readonly number[]): Feature {
  const isMade = permutation.length === feature.rank && new Set(permutation).size === feature.rank;
  if (!isMade) refuse(`[${permutation}] is no order of the axes of [${feature.shape}]`);
  if (permutation.join() === "0,1,2,3") return feature;
  if (permutation.join() === "0,3,1,2") return Feature.last(feature.first);
  return Feature.last(build("transpose", { input: feature.last }, { permutation }));
}

/** Whole axes reduced. */
export function reduceAxes(
  feature: Feature,
  fn: ReduceAttributes["fn"],
  axes: readonly number[],
  keepDims: boolean,
): Feature {
  const wanted = [...new Set(axes.map((axis) => axisOf(feature.rank, axis)))];
  if (wanted.length === 0) return feature;
  const moved = wanted.map((axis) => feature.axis(axis));
  if (keepDims) return feature.map((value) => reduce(value, fn, moved));
  // What is left of [n, c, h, w] has TensorFlow's order where the channels or all pixels are gone.
  const isOrdered = wanted.includes(3) || (wanted.includes(1) && wanted.includes(2));
  const [input, at] =
    feature.isFirst && isOrdered ? [feature.first, moved] : [feature.last, wanted];
  return Feature.last(reduce(input, fn, at, false));
}

/** Elements around a tensor, in TensorFlow's order of axes. */
export function padAxes(
  feature: Feature,
  pads: readonly (readonly [number, number])[],
  mode: PadAttributes["mode"],
  value: number,
): Feature {
  return feature.map((input) => {
    const before = input.type.shape.map(() => 0);
    const after = [...before];
    pads.forEach(([front, behind], axis) => {
      before[feature.axis(axis)] = front;
      after[feature.axis(axis)] = behind;
    });
    return build("pad", { input }, { before, after, mode, value });
  });
}

/** Evenly spaced elements, in TensorFlow's order of axes. */
export function sliceAxes(
  feature: Feature,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Feature {
  const order = (values: readonly number[]): number[] => {
    const moved = values.map(() => 0);
    values.forEach((value, axis) => {
      moved[feature.axis(axis)] = value;
    });
    return moved;
  };
  return feature.map((input) => slice(input, order(starts), order(sizes), order(steps)));
}
