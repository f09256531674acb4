/** Where an operand's elements lie for the axes of a nest: `address + offset + Σ index · stride`. */
export interface Strided {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Axes that operands share, each with a stride per axis; operand 0 is the result. */
export interface Nest {
  readonly extents: readonly number[];
  readonly operands: readonly Strided[];
}

/** The nest with its axes chosen by number, in that order. */
export function pickAxes(nest: Nest, axes: readonly number[]): Nest {
  const pick = (list: readonly number[]): number[] => axes.map((axis) => list[axis]!);
  return {
    extents: pick(nest.extents),
    operands: nest.operands.map(({ offset, strides }) => ({ offset, strides: pick(strides) })),
  };
}

/** Whether every operand steps along `outer` as if it went on along `inner`. */
const mergeable = (nest: Nest, outer: number, inner: number): boolean =>
  nest.operands.every(({ strides }) => strides[outer]! === strides[inner]! * nest.extents[inner]!);

function mergeInto(nest: Nest, outer: number): Nest {
  const inner = outer + 1;
  const extent = nest.extents[outer]! * nest.extents[inner]!;
  const drop = (list: readonly number[]): number[] => list.filter((_, axis) => axis !== outer);
  const extents = drop(nest.extents);
  extents[outer] = extent;
  const operands = nest.operands.map(({ offset, strides }) => ({ offset, strides: drop(strides) }));
  return { extents, operands };
}

/** Neighbouring axes made one wherever all operands allow it. */
function mergeAxes(nest: Nest): Nest {
  for (let outer = nest.extents.length - 2; outer >= 0; outer--) {
    if (mergeable(nest, outer, outer + 1)) nest = mergeInto(nest, outer);
  }
  return nest;
}

/** Axes in the order of the result's strides, the smallest last; axes of one element are gone. */
function orderAxes(nest: Nest): Nest {
  const result = nest.operands[0]!.strides;
  const axes = [...nest.extents.keys()]
    .filter((axis) => nest.extents[axis] !== 1)
    .sort((a, b) => result[b]! - result[a]! || a - b);
  return pickAxes(nest, axes);
}

/** The simplest nest that visits the same elements, in the order of the result's memory. */
export const simplify = (nest: Nest): Nest => mergeAxes(orderAxes(nest));
