import type { Feature } from "../feature.js";
import type { Json } from "../json.js";
import { activate } from "../operators/activate.js";
import type { DataFormat, Window } from "../operators/image.js";
import type { LayerSite } from "./site.js";

export const formatOf = (config: Json): DataFormat =>
  config.at("data_format").choice(["channels_last", "channels_first"], "channels_last");

/** The window of a layer over rows and columns. */
export function windowOf(config: Json, kernelKey: string, strideOtherwise?: number): Window {
  const kernel = config.at(kernelKey).pair();
  const stride = config.at("strides");
  return {
    kernel,
    stride:
      stride.isMissing && strideOtherwise === undefined ? kernel : stride.pair(strideOtherwise),
    dilation: config.at("dilation_rate").pair(1),
    padding: config.at("padding").choice(["valid", "same"] as const, "valid"),
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
