import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import type { Pair, Sides } from "../../../ir/ops/conv.js";
import { coverOf } from "../../../ir/ops/window.js";
import { Feature } from "../feature.js";
import { refuse } from "../reading.js";

/** Where the channels of a layer's images are. */
export type DataFormat = "channels_last" | "channels_first";

/** An image `[n, c, h, w]` as a layer with the format sees it. */
export function imageOf(feature: Feature, format: DataFormat): Value {
  if (feature.rank !== 4) refuse(`images of 4 axes are wanted, [${feature.shape}] arrives`);
  return format === "channels_last" ? feature.first : feature.last;
}

/** The way back. */
export const featureOf = (value: Value, format: DataFormat): Feature =>
  format === "channels_last" ? Feature.first(value) : Feature.last(value);

/** A layer that turns `[n, c, h, w]` into the same. */
export const onImage = (
  feature: Feature,
  format: DataFormat,
  fn: (image: Value) => Value,
): Feature => featureOf(fn(imageOf(feature, format)), format);

/** `same` as TensorFlow computes it, no padding, or top, left, bottom, right. */
export type Padding = "same" | "valid" | Sides;

export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
}

/** `same` gives ⌈size / stride⌉ places; of an odd number of zeros the one more lies behind. */
function sameAlong(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
): [number, number] {
  const places = Math.ceil(size / stride);
  const total = Math.max((places - 1) * stride + coverOf(kernel, dilation) - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Zeros around an image. */
export function padsOf({ kernel, stride, dilation, padding }: Window, image: Value): Sides {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding !== "same") return padding;
  const [, , h, w] = image.type.shape as [number, number, number, number];
  const [top, bottom] = sameAlong(h, kernel[0], stride[0], dilation[0]);
  const [left, right] = sameAlong(w, kernel[1], stride[1], dilation[1]);
  return [top, left, bottom, right];
}

/** A convolution of an image with weights `[out, c / groups, kh, kw]`. */
export function convolve(
  input: Value,
  operands: { readonly weight: Value; readonly bias: Value | undefined },
  { groups, ...window }: Window & { readonly groups: number },
  name: string,
): Value {
  const { stride, dilation } = window;
  const pads = padsOf(window, input);
  const attrs = { stride, dilation, pads, groups, epilogue: [] };
  return build("conv2d", { input, ...operands, extras: [] }, attrs, { name });
}

/**
 * The gradient of a convolution from `size` to the image: weights `[c, out, kh, kw]`. Zeros around the
 * larger image are those of that convolution; where its windows do not reach the end, the bias stands alone.
 */
export function convolveTransposed(
  input: Value,
  operands: { readonly weight: Value; readonly bias: Value | undefined },
  { kernel, stride, dilation, padding, size }: Window & { readonly size: Pair | undefined },
  name: string,
): Value {
  const [, , h, w] = input.type.shape as [number, number, number, number];
  const along = (axis: 0 | 1, places: number) => {
    const cover = coverOf(kernel[axis], dilation[axis]);
    const reach = (places - 1) * stride[axis] + cover;
    const otherwise =
      padding === "same" ? places * stride[axis] : Math.max(reach, places * stride[axis]);
    const wanted = size?.[axis] ?? otherwise;
    const total =
      typeof padding === "string" ? Math.max(reach - wanted, 0) : explicit(padding, axis);
    const before = typeof padding === "string" ? Math.floor(total / 2) : padding[axis];
    return { before, after: total - before, more: wanted - reach + total };
  };
  const [rows, columns] = [along(0, h), along(1, w)];
  const attrs = {
    stride,
    dilation,
    pads: [rows.before, columns.before, rows.after, columns.after] as const,
    groups: 1,
    outputPads: [rows.more, columns.more] as const,
    epilogue: [],
  };
  return build("deconv2d", { input, ...operands, extras: [] }, attrs, { name });
}

const explicit = ([top, left, bottom, right]: Sides, axis: 0 | 1): number =>
  axis === 0 ? top + bottom : left + right;

/** The largest or the mean of each window; padding counts for neither. */
export function pool(input: Value, kind: "max" | "avg", window: Window): Value {
  const { kernel, stride, dilation } = window;
  const attrs = { kernel, stride, dilation, pads: padsOf(window, input), ceil: false };
  return kind === "max"
    ? build("maxPool", { input }, attrs)
    : build("avgPool", { input }, { ...attrs, countIncludePad: false });
}

/** How places of a resized image lie on those of the image. */
export interface Sampling {
  readonly mode: "nearest" | "bilinear";
  /** Centres of pixels lie at halves; without, corners of the first pixels meet. */
  readonly halfPixels: boolean;
  /** Corners of the last pixels meet as well. */
  readonly alignCorners: boolean;
}

/** An image of other rows and columns. */
export function resize(input: Value, size: Pair, sampling: Sampling): Value {
  const [, , h, w] = input.type.shape as [number, number, number, number];
  const { mode, halfPixels, alignCorners } = sampling;
  if (isPlain(sampling, [h, w], size)) return build("resize", { input }, { mode, size });
  const isNearest = mode === "nearest";
  const halves = isNearest ? "tf_half_pixel_for_nn" : "half_pixel";
  const attrs = {
    mode: isNearest ? "nearest" : "linear",
    size,
    coordinates: alignCorners ? "align_corners" : halfPixels ? halves : "asymmetric",
    scale: [size[0] / h, size[1] / w],
    region: [0, 0, 1, 1],
    rounding: alignCorners ? "round_prefer_ceil" : "floor",
    coefficient: -0.75,
    excludeOutside: false,
    outside: 0,
  } as const;
  return build("resample", { input }, attrs);
}

/** Whether the plain operator samples in just this way. */
function isPlain({ mode, halfPixels, alignCorners }: Sampling, from: Pair, to: Pair): boolean {
  if (alignCorners) return false;
  const isWhole = to[0] % from[0] === 0 && to[1] % from[1] === 0;
  return mode === "bilinear" ? halfPixels : !halfPixels || isWhole;
}
