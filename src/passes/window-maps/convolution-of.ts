import { build, constantOf, type Origin } from "../../ir/build.js";
import type { Value } from "../../ir/graph.js";
import { insideRange } from "../../ir/ops/window.js";
import { sameShape, sizeOf } from "../../ir/types.js";
import { asFloat32 } from "../channel-affine.js";
import { commonDivisor, imageShape, type Tap, type WindowMap } from "./window-map.js";

/** Taps along one axis as a kernel's: `first, first + dilation, …`, `count` of them. */
interface Axis {
  readonly first: number;
  readonly dilation: number;
  readonly count: number;
  /** Zeros in front of the input and behind it. */
  readonly before: number;
  readonly after: number;
}

/** The numbers of a convolution, or only their sizes: a draft is for predicting what it takes. */
export type Numbers = "computed" | "draft";

/** Most numbers that a kernel may have. */
const largestKernel = 2 ** 27;

/**
 * A window map as a convolution, or as a product where it maps rows of features. A shift that differs from
 * place to place is added as a constant image. Taps that only ever meet zeros around the input are left out,
 * and the kernel is dilated where the others allow. Undefined when a number is too large for float32.
 */
export function convolutionOf(map: WindowMap, origin: Origin, numbers: Numbers): Value | undefined {
  const [, inputs, height, width] = imageShape(map.input)!;
  const [, channels, rows, columns] = map.shape;
  const taps = map.taps.filter(
    ({ row, column }) =>
      isRead(rows, map.stride[0], row, height) && isRead(columns, map.stride[1], column, width),
  );
  const [down, across] = [
    alongRows(
      taps.map(({ row }) => row),
      rows,
      map.stride[0],
      height,
    ),
    alongRows(
      taps.map(({ column }) => column),
      columns,
      map.stride[1],
      width,
    ),
  ];
  const shape = [channels, inputs / map.groups, down.count, across.count];
  if (sizeOf(shape) > largestKernel) return undefined;
  const isDraft = numbers === "draft";
  const weight = isDraft ? new Float32Array(sizeOf(shape)) : kernelOf(taps, down, across, shape);
  const shift = isDraft ? new Float32Array(shiftSize(map)) : asFloat32(map.shift());
  if (!weight || !shift) return undefined;

  const isRow = map.input.type.shape.length === 2;
  const constant = (part: string, shape: readonly number[], data: Float32Array): Value =>
    constantOf(shape, data, "parameter", {
      ...origin,
      name: origin.name ? `${origin.name}.${part}` : part,
    });
  const hasBias = map.isUniform && (isDraft || shift.some((x) => x !== 0));
  const operands = {
    input: map.input,
    weight: constant("weight", isRow ? shape.slice(0, 2) : shape, weight),
    bias: hasBias ? constant("bias", [channels], shift) : undefined,
    extras: [],
  };
  if (isRow)
    return map.groups > 1 ? undefined : build("linear", operands, { epilogue: [] }, origin);
  const result = build(
    "conv2d",
    operands,
    {
      stride: map.stride,
      dilation: [down.dilation, across.dilation],
      pads: [down.before, across.before, down.after, across.after],
      groups: map.groups,
      epilogue: [],
    },
    origin,
  );
  if (map.isUniform) return result;
  const image = constant("border", [1, channels, rows, columns], shift);
  return build("binary", { left: result, right: image }, { fn: "add" }, origin);
}

/** How many numbers a map's shift has. */
const shiftSize = ({ shape, isUniform }: WindowMap): number =>
  isUniform ? shape[1] : sizeOf(shape.slice(1));

/** Whether some output reads the input through a tap, not only zeros around it. */
function isRead(count: number, stride: number, offset: number, size: number): boolean {
  const { from, to } = insideRange(count, stride, offset, size);
  return from < to;
}

/**
 * The kernel along one axis of an input of `size` that makes `count` outputs: no more of them may fit, so a
 * kernel whose last taps are left out may end in zeros.
 */
function alongRows(taps: readonly number[], count: number, stride: number, size: number): Axis {
  const first = Math.min(0, ...taps);
  const reach = Math.max(first, ...taps);
  const offsets = count * stride + reach < size ? [...taps, size - count * stride] : taps;
  const last = Math.max(reach, ...offsets);
  const step = offsets.reduce((divisor, at) => commonDivisor(divisor, at - first), 0);
  const dilation = step === 0 ? 1 : step;
  const after = Math.max(0, (count - 1) * stride + last - (size - 1));
  return { first, dilation, count: (last - first) / dilation + 1, before: -first, after };
}

/** Taps as a kernel `[channels, inputs, rows, columns]`; undefined when a number is too large for float32. */
function kernelOf(
  taps: readonly Tap[],
  down: Axis,
  across: Axis,
  shape: readonly number[],
): Float32Array | undefined {
  const area = down.count * across.count;
  const weights = taps.map((tap) => tap.weight());
  const kernel = new Float64Array(sizeOf(shape));
  taps.forEach(({ row, column }, index) => {
    const at =
      ((row - down.first) / down.dilation) * across.count +
      (column - across.first) / across.dilation;
    const weight = weights[index]!;
    for (let i = 0; i < weight.length; i++) kernel[i * area + at] = weight[i]!;
  });
  return asFloat32(kernel);
}

/** A map as the convolution that stands in place of a value: under its name and of its shape. */
export function convolutionLike({ node, type }: Value, map: WindowMap): Value | undefined {
  const value = convolutionOf(map, node, "computed");
  if (!value || sameShape(value.type.shape, type.shape)) return value;
  return build("reshape", { input: value }, { shape: type.shape }, node);
}
