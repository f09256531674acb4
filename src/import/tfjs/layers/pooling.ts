import { Feature } from "../feature.js";
import { onImage, pool } from "../operators/image.js";
import { reduceAxes } from "../operators/shape.js";
import { onRow } from "./convolution.js";
import { formatOf, poolWindowOf } from "./settings.js";
import type { LayerBuilder } from "./site.js";

export const pool2D =
  (kind: "max" | "avg"): LayerBuilder =>
  ({ config, input }) => {
    const window = poolWindowOf(config);
    return onImage(input, formatOf(config), (image) => pool(image, kind, window));
  };

export const pool1D =
  (kind: "max" | "avg"): LayerBuilder =>
  ({ config, input }) => {
    const { kernel, stride, padding } = poolWindowOf(config);
    return onRow(input, (image) => {
      const [sizes, steps] = [[1, kernel[0]] as const, [1, stride[0]] as const];
      const window = { kernel: sizes, stride: steps, dilation: [1, 1] as const, padding };
      return Feature.first(pool(image, kind, window));
    });
  };

/** The largest number or the mean of each channel. */
export const globalPool =
  (fn: "max" | "mean"): LayerBuilder =>
  ({ config, input }) => {
    const isLast = formatOf(config) === "channels_last";
    const axes = input.shape.map((_, axis) => axis);
    const pixels = isLast ? axes.slice(1, -1) : axes.slice(2);
    return reduceAxes(input, fn, pixels, config.at("keepdims").flag(false));
  };
