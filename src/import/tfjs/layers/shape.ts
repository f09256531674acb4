import { sizeOf } from "../../../ir/types.js";
import type { Feature } from "../feature.js";
import type { Json } from "../json.js";
import { onImage, resize } from "../operators/image.js";
import { completed, concatenate, padAxes, permute, sliceAxes } from "../operators/shape.js";
import { refuse } from "../reading.js";
import { formatOf } from "./settings.js";
import type { LayerBuilder } from "./site.js";

export const flatten: LayerBuilder = ({ config, input }) => {
  const format = formatOf(config);
  const moved =
    format === "channels_first" && input.rank === 4 ? permute(input, [0, 2, 3, 1]) : input;
  return moved.reshaped([input.shape[0]!, sizeOf(input.shape.slice(1))]);
};

export const reshape: LayerBuilder = ({ config, input }) => {
  const target = config
    .at("target_shape")
    .items()
    .map((size) => (size.isMissing ? -1 : size.whole(undefined, -1)));
  const rest = completed(target, sizeOf(input.shape.slice(1)));
  return input.reshaped([input.shape[0]!, ...rest]);
};

/** Axes are counted from 1, the batch being 0. */
export const permuteAxes: LayerBuilder = ({ config, input }) =>
  permute(input, [0, ...config.at("dims").wholes(1)]);

/** A vector several times, one copy behind another along a new axis. */
export const repeatVector: LayerBuilder = ({ config, input }) => {
  const [n, c] = input.shape as [number, number];
  if (input.rank !== 2) refuse(`vectors are wanted, [${input.shape}] arrives`);
  const count = config.at("n").whole(undefined, 1);
  if (count > 4096) refuse(`${count} copies are more than the 4096 there can be`);
  const row = input.reshaped([n, 1, c]);
  return concatenate(
    Array.from({ length: count }, () => row),
    1,
  );
};

type Range = readonly [number, number];

/** What is added or cut off along each of `count` axes: one number for all, one for each, or two for each. */
function rangesOf(json: Json, count: number, otherwise: number): readonly Range[] {
  if (!json.isList) {
    const all = json.whole(otherwise);
    return Array.from({ length: count }, () => [all, all] as const);
  }
  const ranges = json.items().map((item) => item.pair(undefined, 0));
  if (count === 1 && ranges.length === 2) return [[ranges[0]![0], ranges[1]![0]]];
  return ranges.length === count ? ranges : json.refuse(`a list of ${count}`);
}

/** Ranges by axis of what arrives; those of other axes are empty. */
function byAxis(config: Json, input: Feature, key: string): readonly Range[] {
  if (input.rank !== 3 && input.rank !== 4) refuse(`images are wanted, [${input.shape}] arrives`);
  const ranges = rangesOf(config.at(key), input.rank - 2, key === "padding" ? 1 : 0);
  const none = [0, 0] as const;
  return formatOf(config) === "channels_last" ? [none, ...ranges, none] : [none, none, ...ranges];
}

export const zeroPadding: LayerBuilder = ({ config, input }) =>
  padAxes(input, byAxis(config, input, "padding"), "constant", 0);

export const cropping: LayerBuilder = ({ config, input }) => {
  const ranges = byAxis(config, input, "cropping");
  const sizes = input.shape.map((size, axis) => size - ranges[axis]![0] - ranges[axis]![1]);
  return sliceAxes(
    input,
    ranges.map(([front]) => front),
    sizes,
  );
};

/** Bilinear upsampling is TF.js's: corners of the first pixels meet, halves of pixels count for nothing. */
export const upSampling2D: LayerBuilder = ({ config, input }) => {
  const factor = config.at("size").pair(2);
  const mode = config.at("interpolation").choice(["nearest", "bilinear"], "nearest");
  const sampling = { mode, halfPixels: false, alignCorners: false };
  return onImage(input, formatOf(config), (image) => {
    const [, , h, w] = image.type.shape as [number, number, number, number];
    return resize(image, [h * factor[0], w * factor[1]], sampling);
  });
};

/** Corners of first and last pixels meet, as in TF.js. */
export const resizing: LayerBuilder = ({ config, input }) => {
  const size = [
    config.at("height").whole(undefined, 1),
    config.at("width").whole(undefined, 1),
  ] as const;
  if (config.at("crop_to_aspect_ratio").flag(false)) refuse("it crops to the aspect ratio");
  const mode = config.at("interpolation").choice(["nearest", "bilinear"], "bilinear");
  const sampling = { mode, halfPixels: false, alignCorners: true };
  return onImage(input, "channels_last", (image) => resize(image, size, sampling));
};

/** The middle of an image. */
export const centerCrop: LayerBuilder = ({ config, input }) => {
  const size = [config.at("height").whole(undefined, 1), config.at("width").whole(undefined, 1)];
  const [n, h, w, c] = input.shape as [number, number, number, number];
  if (input.rank !== 4) refuse(`images are wanted, [${input.shape}] arrives`);
  if (size[0]! > h || size[1]! > w) refuse(`${size.join("x")} cannot be cut out of ${h}x${w}`);
  const starts = [0, Math.floor((h - size[0]!) / 2), Math.floor((w - size[1]!) / 2), 0];
  return sliceAxes(input, starts, [n, size[0]!, size[1]!, c]);
};
