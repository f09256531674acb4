import { stridesOf, type TensorType } from "../../ir/types.js";
import type { OperandNeed } from "../kernels/algorithm.js";
import { type Halo, type Layout, noHalo } from "./layout.js";

/** An order in which a value's axes lie, outermost first. */
export type AxisOrder = readonly number[];

/** The axis whose neighbours lie beside each other in the order `nhwc`; none in a scalar. */
const channelAxis = (rank: number): number => (rank === 3 ? 0 : rank === 1 ? 0 : 1);

/** The axes of a shape in an order of layouts: `nhwc` for feature maps moves channels innermost. */
export function axisOrder(rank: number, order: OperandNeed["order"]): AxisOrder {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  if (order === "rowMajor" || rank < 3 || rank > 4) return axes;
  const channel = channelAxis(rank);
  return [...axes.filter((axis) => axis !== channel), channel];
}

/** A dense layout with its axes in the given order, and a halo around the two image axes of rank 4. */
export function denseLayout(type: TensorType, order: AxisOrder, halo: Halo = noHalo): Layout {
  const extents = [...type.shape];
  if (extents.length === 4) {
    extents[2]! += halo.top + halo.bottom;
    extents[3]! += halo.left + halo.right;
  }
  const inOrder = stridesOf(order.map((axis) => extents[axis]!));
  const strides = type.shape.map((_, axis) => inOrder[order.indexOf(axis)]!);
  return { type, strides, halo };
}

/** Elements of a dense layout from its first (the halo's corner) to its end. */
export function denseSize({ type, halo }: Layout): number {
  return type.shape.reduce((size, n, axis) => {
    if (type.shape.length !== 4 || axis < 2) return size * n;
    return size * (n + (axis === 2 ? halo.top + halo.bottom : halo.left + halo.right));
  }, 1);
}

/** Elements from a dense layout's first element to logical element 0: the halo in front of it. */
export const denseStart = ({ strides, halo }: Layout): number =>
  halo.top * (strides[2] ?? 0) + halo.left * (strides[3] ?? 0);

/** Whether elements lie behind each other in logical order. */
export function isRowMajor({ type, strides }: Layout): boolean {
  const wanted = stridesOf(type.shape);
  return strides.every((stride, axis) => type.shape[axis] === 1 || stride === wanted[axis]);
}

const covers = (have: Halo, wanted: Halo): boolean =>
  have.top >= wanted.top &&
  have.left >= wanted.left &&
  have.bottom >= wanted.bottom &&
  have.right >= wanted.right;

/** The halo that serves both. */
export const widerHalo = (a: Halo, b: Halo): Halo => ({
  top: Math.max(a.top, b.top),
  left: Math.max(a.left, b.left),
  bottom: Math.max(a.bottom, b.bottom),
  right: Math.max(a.right, b.right),
});

export const isHaloed = (halo: Halo | undefined): halo is Halo =>
  halo !== undefined && halo.top + halo.left + halo.bottom + halo.right > 0;

/** Whether a layout is what a kernel asks for. */
export function meets(layout: Layout, need: OperandNeed): boolean {
  if (need.halo && !covers(layout.halo, need.halo)) return false;
  if (need.order === "any") return true;
  if (need.order === "rowMajor") return isRowMajor(layout);
  const { shape } = layout.type;
  if (shape.length === 0 || shape.length > 4) return isRowMajor(layout);
  const channel = channelAxis(shape.length);
  return layout.strides[channel] === 1 || shape[channel] === 1;
}

/** The layout as a kernel sees it: an axis of one element has the stride that the order promises. */
export function asOrdered(layout: Layout, order: OperandNeed["order"]): Layout {
  const channel = channelAxis(layout.type.shape.length);
  if (order !== "nhwc" || layout.strides[channel] === 1) return layout;
  const strides = layout.strides.map((stride, axis) => (axis === channel ? 1 : stride));
  return { ...layout, strides };
}

/** Axes that run on into each other, joined: sizes and strides, axes of one element left out. */
function joinedAxes(shape: readonly number[], strides: readonly number[]) {
  const axes: { size: number; stride: number }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const stride = strides[axis]!;
    const last = axes[axes.length - 1];
    if (last && last.stride === size * stride) {
      last.size *= size;
      last.stride = stride;
    } else axes.push({ size, stride });
  });
  return axes;
}

/** Strides under which the same elements have another shape; undefined where they need a copy. */
export function reshapedStrides(
  from: { readonly shape: readonly number[]; readonly strides: readonly number[] },
  shape: readonly number[],
): readonly number[] | undefined {
  const axes = joinedAxes(from.shape, from.strides);
  const strides = shape.map(() => 1);
  let rest = 1;
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 1) {
      strides[axis] = rest === 1 ? (axes[axes.length - 1]?.stride ?? 1) : stride;
      continue;
    }
    if (rest === 1) {
      const next = axes.pop();
      if (!next) return undefined;
      rest = next.size;
      stride = next.stride;
    }
    if (rest % size !== 0) return undefined;
    strides[axis] = stride;
    stride *= size;
    rest /= size;
  }
  return strides;
}
