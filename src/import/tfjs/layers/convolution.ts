import type { Value } from "../../../ir/graph.js";
import { Feature } from "../feature.js";
import type { Json } from "../json.js";
import {
  convolve,
  convolveTransposed,
  featureOf,
  imageOf,
  onImage,
  type Padding,
} from "../operators/image.js";
import { refuse } from "../reading.js";
import { activated, convWindowOf, formatOf } from "./settings.js";
import type { LayerBuilder, LayerSite } from "./site.js";

const biasOf = (site: LayerSite, filters: number, as = "bias"): Value | undefined =>
  site.config.at("use_bias").flag(true)
    ? site.weight({ in: "bias", as, size: [filters] })
    : undefined;

/** Channels of each group. */
function perGroup(channels: number, filters: number, groups: number): number {
  const each = channels / groups;
  if (Number.isInteger(each) && filters % groups === 0) return each;
  return refuse(`${groups} groups do not divide ${channels} channels and ${filters} filters`);
}

/** Kernels are stored `[kh, kw, c / groups, out]`. */
export const conv2D: LayerBuilder = (site) => {
  const { config } = site;
  const format = formatOf(config);
  const window = convWindowOf(config);
  const filters = config.at("filters").whole(undefined, 1);
  const groups = config.at("groups").whole(1, 1);
  const image = imageOf(site.input, format);
  const channels = perGroup(image.type.shape[1]!, filters, groups);
  const weight = site.weight({
    in: "kernel",
    as: "weight",
    size: [filters, channels, ...window.kernel],
    permutation: [3, 2, 0, 1],
  });
  const operands = { weight, bias: biasOf(site, filters) };
  const sums = convolve(image, operands, { ...window, groups }, site.label);
  return activated(site, featureOf(sums, format));
};

const one = (json: Json, otherwise: number): number =>
  json.isList ? json.wholes(1)[0]! : json.whole(otherwise, 1);

/** `[n, w, c]` as an image of one row; kernels are stored `[k, c / groups, out]`. */
export const conv1D: LayerBuilder = (site) => {
  const { config } = site;
  const filters = config.at("filters").whole(undefined, 1);
  const groups = config.at("groups").whole(1, 1);
  const size = one(config.at("kernel_size"), 0);
  const dilation = one(config.at("dilation_rate"), 1);
  const kind = config.at("padding").choice(["valid", "same", "causal"], "valid");
  const padding: Padding = kind === "causal" ? [0, dilation * (size - 1), 0, 0] : kind;
  return onRow(site.input, (image) => {
    const channels = perGroup(image.type.shape[1]!, filters, groups);
    const place = { permutation: [2, 1, 0], shape: [filters, channels, 1, size] };
    const weight = site.weight({ in: "kernel", as: "weight", size: place.shape, ...place });
    const stride = [1, one(config.at("strides"), 1)] as const;
    const window = { kernel: [1, size], stride, dilation: [1, dilation], padding } as const;
    const operands = { weight, bias: biasOf(site, filters) };
    return activated(
      site,
      Feature.first(convolve(image, operands, { ...window, groups }, site.label)),
    );
  });
};

/** What a layer over images makes of `[n, w, c]`. */
export function onRow(feature: Feature, fn: (image: Value) => Feature): Feature {
  const [n, w, c] = feature.shape as [number, number, number];
  if (feature.rank !== 3) refuse(`sequences of 3 axes are wanted, [${feature.shape}] arrives`);
  const result = fn(feature.reshaped([n, 1, w, c]).first);
  const [, , width, channels] = result.shape as [number, number, number, number];
  return result.reshaped([n, width, channels]);
}

const depthwiseNames = ["depthwise_kernel", "kernel"];

/** Results for each channel; TF.js leaves them out when it saves, so that the kernel's shape has to tell. */
function multiplierOf(site: LayerSite): number {
  const told = site.config.at("depth_multiplier");
  const [, , , stored = 1] = site.storedShape(depthwiseNames) ?? [];
  return told.whole(Math.max(1, stored), 1);
}

/** Kernels of a depth-wise convolution are stored `[kh, kw, c, multiplier]`. */
function depthwise(site: LayerSite, image: Value, as: string, bias: Value | undefined): Value {
  const { config } = site;
  const window = convWindowOf(config);
  const multiplier = multiplierOf(site);
  const channels = image.type.shape[1]!;
  const shape = [channels * multiplier, 1, ...window.kernel];
  const weight = site.weight({
    in: depthwiseNames,
    as: `${as}weight`,
    size: shape,
    permutation: [2, 3, 0, 1],
    shape,
  });
  const name = as === "" ? site.label : `${site.label}.${as.slice(0, -1)}`;
  return convolve(image, { weight, bias }, { ...window, groups: channels }, name);
}

export const depthwiseConv2D: LayerBuilder = (site) => {
  const format = formatOf(site.config);
  const image = imageOf(site.input, format);
  const bias = biasOf(site, image.type.shape[1]! * multiplierOf(site));
  return activated(site, featureOf(depthwise(site, image, "", bias), format));
};

/** A depth-wise convolution, then a 1x1 one; its children are `dw` and `pw`. */
export const separableConv2D: LayerBuilder = (site) => {
  const { config } = site;
  const format = formatOf(config);
  const filters = config.at("filters").whole(undefined, 1);
  const middle = depthwise(site, imageOf(site.input, format), "dw.", undefined);
  const weight = site.weight({
    in: "pointwise_kernel",
    as: "pw.weight",
    size: [filters, middle.type.shape[1]!, 1, 1],
    permutation: [3, 2, 0, 1],
  });
  const point = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: "valid" } as const;
  const operands = { weight, bias: biasOf(site, filters, "pw.bias") };
  const sums = convolve(middle, operands, { ...point, groups: 1 }, `${site.label}.pw`);
  return activated(site, featureOf(sums, format));
};

/** Kernels are stored `[kh, kw, out, c]`. */
export const conv2DTranspose: LayerBuilder = (site) => {
  const { config } = site;
  const format = formatOf(config);
  const window = convWindowOf(config);
  const filters = config.at("filters").whole(undefined, 1);
  return activated(
    site,
    onImage(site.input, format, (image) => {
      const [, channels, h, w] = image.type.shape as [number, number, number, number];
      const weight = site.weight({
        in: "kernel",
        as: "weight",
        size: [channels, filters, ...window.kernel],
        permutation: [3, 2, 0, 1],
      });
      const size = outputSize(config, [h, w]);
      const operands = { weight, bias: biasOf(site, filters) };
      return convolveTransposed(image, operands, { ...window, size }, site.label);
    }),
  );
};

/** Keras's size where `output_padding` is told: `(n − 1) · s + k − 2 · p + output padding`. */
function outputSize(
  config: Json,
  image: readonly [number, number],
): readonly [number, number] | undefined {
  const more = config.at("output_padding");
  if (more.isMissing) return undefined;
  const { kernel, stride, dilation, padding } = convWindowOf(config);
  const pads = more.pair(undefined, 0);
  const along = (axis: 0 | 1) => {
    const cover = (kernel[axis] - 1) * dilation[axis] + 1;
    const zeros = padding === "same" ? Math.floor(cover / 2) : 0;
    return (image[axis] - 1) * stride[axis] + cover - 2 * zeros + pads[axis];
  };
  return [along(0), along(1)];
}
