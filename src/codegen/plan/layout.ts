import type { TensorType } from "../../ir/types.js";

/** Rows and columns around a feature map that readers may read. */
export interface Halo {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * How a value lies in memory: the logical shape and the distance of neighbours along each logical
 * axis, in elements. A feature map `[n, c, h, w]` lies as NHWC: stride 1 along channels; a part of a
 * concatenation has the whole's strides. A value's address is that of its logical element 0, so a
 * halo lies at negative rows and columns.
 */
export interface Layout {
  readonly type: TensorType;
  readonly strides: readonly number[];
  /** Zeros that the producer keeps around every image of a rank-4 value. */
  readonly halo: Halo;
}

export const noHalo: Halo = { top: 0, left: 0, bottom: 0, right: 0 };

/** The four axes of a feature map and their strides, by name; a vector `[n, c]` is one pixel. */
export interface FeatureMap {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly imageStride: number;
  readonly channelStride: number;
  readonly rowStride: number;
  readonly pixelStride: number;
  readonly halo: Halo;
}

/** A rank-2 or rank-4 layout as a feature map. */
export function featureMap(layout: Layout): FeatureMap {
  const [images = 1, channels = 1, height = 1, width = 1] = layout.type.shape;
  const [imageStride = 0, channelStride = 1, rowStride = 0, pixelStride = 0] = layout.strides;
  return {
    images,
    channels,
    height,
    width,
    imageStride,
    channelStride,
    rowStride,
    pixelStride,
    halo: layout.halo,
  };
}
