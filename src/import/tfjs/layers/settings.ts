import type { Feature } from "../feature.js";
import type { Json } from "../json.js";
import { activate } from "../operators/activate.js";
import type { DataFormat, Window } from "../operators/image.js";
import type { LayerSite } from "./site.js";

export const formatOf = (config: Json): DataFormat =>
  config.at("data_format").choice(["channels_last", "channels_first"], "channels_last");

const paddings = ["valid", "same"] as const;

/** The window of a convolution over rows and columns. */
export const convWindowOf = (config: Json): Window => ({
  kernel: config.at("kernel_size").pair(),
  stride: config.at("strides").pair(1),
  dilation: config.at("dilation_rate").pair(1),
  padding: config.at("padding").choice(paddings, "valid"),
});

/** The window of a pool, which moves on by its own size unless told. */
export function poolWindowOf(config: Json): Window {
  const kernel = config.at("pool_size").pair(2);
  const stride = config.at("strides");
  return {
    kernel,
    stride: stride.isMissing ? kernel : stride.pair(),
    dilation: [1, 1],
    padding: config.at("padding").choice(paddings, "valid"),
  };
}

/** The activation that a layer names, if any. */
export function activated({ config }: LayerSite, feature: Feature): Feature {
  const activation = config.at("activation");
  return activation.isMissing ? feature : activate(feature, nameOf(activation));
}

/** A name, or an object that has one. */
export const nameOf = (json: Json): string =>
  json.isText ? json.text() : json.at("class_name").text();
