import { build, constantOf } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import { Feature } from "../feature.js";
import { axisOf } from "../operators/shape.js";
import { binary, reduce, reshape, unary } from "../operators/values.js";
import { refuse } from "../reading.js";
import type { LayerBuilder, LayerSite } from "./site.js";

/** The first number of a list, or the number: newer versions write axes as lists. */
const axesOf = ({ config }: LayerSite): readonly number[] => {
  const axis = config.at("axis");
  if (axis.isMissing) return [-1];
  return axis.isList ? axis.items().map((item) => item.number()) : [axis.number()];
};

const ones = (size: number, value: number): Value =>
  constantOf([size], new Float32Array(size).fill(value));

/** The scale and shift of a layer that may lack them. */
function affineOf(site: LayerSite, size: number) {
  const has = (key: string) => site.config.at(key).flag(true);
  const place = (part: string, as: string) => ({ in: part, as, size: [size] });
  return {
    gamma: has("scale") ? site.weight(place("gamma", "weight")) : ones(size, 1),
    beta: has("center") ? site.weight(place("beta", "bias")) : ones(size, 0),
  };
}

/** `γ · (x − μ) / √(σ² + ε) + β` along one axis. */
export const batchNormalization: LayerBuilder = (site) => {
  const { input, config } = site;
  const axis = axisOf(input.rank, axesOf(site)[0] ?? -1);
  const size = input.shape[axis]!;
  const statistic = (part: string, as: string) =>
    site.weight({ in: part, as, size: [size], role: "statistic" });
  const parameters = {
    ...affineOf(site, size),
    mean: statistic("moving_mean", "running_mean"),
    variance: statistic("moving_variance", "running_var"),
  };
  const attrs = { epsilon: config.at("epsilon").number(1e-3) };
  return alongChannels(input, axis, (value) =>
    build("batchNorm", { input: value, ...parameters }, attrs, { name: site.label }),
  );
};

/** A layer over `[n, c, …]` of two or four axes, the channels of which may be another axis. */
function alongChannels(input: Feature, axis: number, fn: (value: Value) => Value): Feature {
  if (input.rank === 4 && axis === 3) return Feature.first(fn(input.first));
  if (axis === 1 && (input.rank === 2 || input.rank === 4)) return Feature.last(fn(input.last));
  const { shape } = input;
  if (axis !== input.rank - 1) return refuse(`it normalises axis ${axis} of [${shape}]`);
  const rows = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  return input.map((value) => reshape(fn(reshape(value, [rows, shape[axis]!])), shape));
}

/** Each row along the last axes by its own mean and variance, then `γ · x + β`. */
export const layerNormalization: LayerBuilder = (site) => {
  const { input, config } = site;
  const axes = axesOf(site).map((axis) => axisOf(input.rank, axis));
  if (axes.length !== 1 || axes[0] !== input.rank - 1) {
    refuse(`it normalises the axes ${axes.join(", ")} of [${input.shape}], not the last`);
  }
  const size = input.shape.at(-1)!;
  const { gamma, beta } = affineOf(site, size);
  const epsilon = config.at("epsilon").number(1e-3);
  return input.map((value) => {
    const axis = input.axis(axes[0]!);
    const centred = binary("sub", value, reduce(value, "mean", [axis]));
    const variance = reduce(binary("mul", centred, centred), "mean", [axis]);
    const deviation = unary(binary("add", variance, epsilon), { kind: "sqrt" });
    const shape = value.type.shape.map((n, at) => (at === axis ? n : 1));
    const scaled = binary("mul", binary("div", centred, deviation), reshape(gamma, shape));
    return binary("add", scaled, reshape(beta, shape));
  });
};
