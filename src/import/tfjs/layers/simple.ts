import { build } from "../../../ir/build.js";
import type { BinaryFunction } from "../../../ir/ops/arithmetic.js";
import { sizeOf } from "../../../ir/types.js";
import { combine, Feature } from "../feature.js";
import type { Json } from "../json.js";
import { activate, rectify, softmax } from "../operators/activate.js";
import { concatenate } from "../operators/shape.js";
import { binary, reshape, unary } from "../operators/values.js";
import { refuse } from "../reading.js";
import { activated, nameOf } from "./settings.js";
import type { LayerBuilder } from "./site.js";

export const identity: LayerBuilder = ({ input }) => input;

/** A product with a matrix along the last axis; kernels are stored `[in, out]`. */
export const dense: LayerBuilder = (site) => {
  const { config, input } = site;
  const units = config.at("units").whole(undefined, 1);
  const size = input.shape.at(-1)!;
  const rows = sizeOf(input.shape.slice(0, -1));
  const weight = site.weight({
    in: "kernel",
    as: "weight",
    size: [units, size],
    permutation: [1, 0],
  });
  const isBiased = config.at("use_bias").flag(true);
  const bias = isBiased ? site.weight({ in: "bias", as: "bias", size: [units] }) : undefined;
  const flat = input.rank === 2 ? input.last : reshape(input.last, [rows, size]);
  const operands = { input: flat, weight, bias, extras: [] };
  const sums = build("linear", operands, { epilogue: [] }, { name: site.label });
  const shape = [...input.shape.slice(0, -1), units];
  return activated(site, Feature.last(input.rank === 2 ? sums : reshape(sums, shape)));
};

export const activation: LayerBuilder = ({ config, input }) =>
  activate(input, nameOf(config.at("activation")));

/** A number that newer versions may write as a tensor. */
const numberOf = (json: Json, otherwise: number): number =>
  json.isMissing || json.isNumber ? json.number(otherwise) : json.at("config").at("value").number();

export const relu: LayerBuilder = ({ config, input }) => {
  const largest = config.at("max_value");
  const slope = numberOf(config.at("negative_slope"), 0);
  const threshold = numberOf(config.at("threshold"), 0);
  if (threshold !== 0) refuse(`its threshold is ${threshold}, and must be 0`);
  return rectify(input, slope, largest.isMissing ? undefined : numberOf(largest, 0));
};

/** `x` where it is larger than the threshold, else 0. */
export const thresholdedRelu: LayerBuilder = ({ config, input }) => {
  const least = numberOf(config.at("theta"), 1);
  return input.map((x) => unary(x, { kind: "threshold", least }));
};

export const leakyRelu: LayerBuilder = ({ config, input }) => {
  const alpha = config.at("alpha").isMissing ? config.at("negative_slope") : config.at("alpha");
  return rectify(input, numberOf(alpha, 0.3), undefined);
};

export const elu: LayerBuilder = ({ config, input }) => {
  const alpha = numberOf(config.at("alpha"), 1);
  return input.map((x) => unary(x, { kind: "elu", alpha }));
};

export const softmaxLayer: LayerBuilder = ({ config, input }) => {
  const axis = config.at("axis");
  return softmax(input, axis.isList ? axis.items()[0]!.number() : axis.number(-1), false);
};

/** Slopes are stored for every number of an image, or shared along some axes. */
export const prelu: LayerBuilder = (site) => {
  const { config, input } = site;
  const shared = config.at("shared_axes");
  const axes = shared.isMissing
    ? []
    : shared.isList
      ? shared.wholes(1)
      : [shared.whole(undefined, 1)];
  const slopes = input.shape.slice(1).map((size, at) => (axes.includes(at + 1) ? 1 : size));
  const count = slopes.at(-1)!;
  const isVector = sizeOf(slopes) === count;
  const size = isVector ? [count] : slopes;
  const weight = site.weight({ in: "alpha", as: "weight", size, shape: size });
  const slope = Feature.last(reshape(weight, [1, ...slopes]));
  return combine(input, slope, (x, y) => binary("prelu", x, y));
};

/** One number for all, or one for each channel. */
function perChannel(json: Json, otherwise: number): readonly number[] {
  return json.isList ? json.items().map((item) => item.number()) : [numberOf(json, otherwise)];
}

/** `x · scale + offset`. */
export const rescaling: LayerBuilder = ({ config, input, reading }) => {
  const [scale, offset] = [perChannel(config.at("scale"), 1), perChannel(config.at("offset"), 0)];
  const constant = (values: readonly number[]) => {
    const shape = values.length === 1 ? [] : [values.length];
    return Feature.last(reading.literal(shape, (at) => values[at]!));
  };
  const scaled = combine(input, constant(scale), (x, y) => binary("mul", x, y));
  return combine(scaled, constant(offset), (x, y) => binary("add", x, y));
};

/** The operands one after another under a function of two. */
export const merge =
  (fn: BinaryFunction): LayerBuilder =>
  ({ inputs }) => {
    const [first, ...rest] = inputs;
    if (!first || rest.length === 0)
      return refuse(`it takes two tensors or more, ${inputs.length} arrive`);
    return rest.reduce((sum, next) => combine(sum, next, (x, y) => binary(fn, x, y)), first);
  };

export const average: LayerBuilder = (site) =>
  merge("add")(site).map((sum) => binary("mul", sum, 1 / site.inputs.length));

export const concatenateLayer: LayerBuilder = ({ config, inputs }) =>
  concatenate(inputs, config.at("axis").number(-1));
