import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import { activations } from "../activation.js";
import { LayerError, type LayerReader, type Site } from "../layer.js";
import type { Options } from "../options.js";
import { asImage, binary, concat, reshape, slice, unary } from "../values.js";

/** The layers that a list names; reported when it is missing. */
function readLayers(options: Options, key: string): readonly number[] {
  options.require(key, "layers between commas, -1 being the one before");
  return options.wholes(key) ?? [-1];
}

/** Layers one after another along the channels; of `groups` parts of each, part `group_id` alone. */
export const route: LayerReader = (options) => {
  const references = readLayers(options, "layers");
  const groups = options.whole("groups", 1, { least: 1 });
  const part = options.whole("group_id", 0, { most: groups - 1 });
  return (site) => {
    const name = `route${site.index}`;
    const parts = references.map((reference) => {
      const value = site.layer("layers", reference);
      const channels = value.type.shape[1]!;
      if (groups === 1) return value;
      const size = channels / groups;
      if (!Number.isInteger(size))
        throw new LayerError(`${groups} groups do not divide ${channels} channels`);
      return slice(value, 1, part * size, (part + 1) * size, references.length === 1 ? name : "");
    });
    if (parts.length === 1) return parts[0]!;
    checkSizes(parts);
    return concat(parts, 1, name);
  };
};

/** Refuses to join images of different sizes. */
function checkSizes(parts: readonly Value[]): void {
  const sizes = parts.map((value) => value.type.shape.slice(2).join("x") || "vectors");
  if (new Set(sizes).size === 1) return;
  throw new LayerError(`the layers that it joins are ${sizes.join(" and ")} large, not equally`);
}

type Normalisation = "none" | "relu" | "softmax";

const weightTypes = new Map([
  ["none", "none"],
  ["per_feature", "layer"],
  ["per_layer", "layer"],
  ["per_channel", "channel"],
] as const);

const normalisations = new Map<string, Normalisation>([
  ["none", "none"],
  ["relu", "relu"],
  ["avg_relu", "relu"],
  ["softmax", "softmax"],
]);

/**
 * Adds layers to what arrives. One with fewer channels is added to the first ones, of one with more the
 * first ones are added. One that is larger is read at every second (third …) pixel; one that is smaller
 * is added at every second (third …) pixel. With weights, each summand is multiplied by its own.
 */
export const shortcut: LayerReader = (options) => {
  const references = readLayers(options, "from");
  const activate = options.choice("activation", "linear", activations);
  const per = options.choice("weights_type", "none", weightTypes);
  const normalisation = options.choice("weights_normalization", "none", normalisations);
  const alpha = options.number("alpha", 1);
  const beta = options.number("beta", 1);
  return (site) => {
    const [input, shape] = asImage(site.input);
    const added = references.map((reference) => asImage(site.layer("from", reference))[0]);
    const factors =
      per === "none" ? undefined : readFactors(site, added.length + 1, per, normalisation);
    const scaled = (value: Value, at: number): Value => {
      if (factors) return binary("mul", value, factors(at));
      const factor = at === 0 ? alpha : beta;
      return factor === 1 ? value : binary("mul", value, factor);
    };
    const name = (at: number) => (at === added.length - 1 ? `shortcut${site.index}` : "");
    const sum = added.reduce(
      (total, value, at) => binary("add", total, scaled(fitted(value, shape), at + 1), name(at)),
      scaled(input, 0),
    );
    return activate(sum, `act${site.index}`);
  };
};

/** Added to sums of weights that divide. */
const epsilon = 0.0001;

/** The factor of each summand: weights `[summands, 1 or c]`, which sum up to about 1 when normalised. */
function readFactors(
  site: Site,
  count: number,
  per: "layer" | "channel",
  normalisation: Normalisation,
): (at: number) => Value {
  const channels = per === "layer" ? 1 : asImage(site.input)[1][1];
  const weight = site.parameter(`shortcut${site.index}.weight`, [count, channels]);
  const factors = normalisation === "none" ? weight : normalised(weight, normalisation);
  return (at) => reshape(slice(factors, 0, at, at + 1), [1, channels, 1, 1]);
}

/** `relu(w) / (ε + Σ relu(w))`, or the same with `exp(w − max w)`. */
function normalised(weight: Value, normalisation: "relu" | "softmax"): Value {
  const reduce = (input: Value, fn: "sum" | "max") =>
    build("reduce", { input }, { fn, axes: [0], keepDims: true });
  const positive =
    normalisation === "relu"
      ? unary(weight, { kind: "relu" })
      : unary(binary("sub", weight, reduce(weight, "max")), { kind: "exp" });
  return binary("div", positive, binary("add", reduce(positive, "sum"), epsilon));
}

/** A summand in the size of the sum. */
function fitted(value: Value, [n, c, h, w]: readonly [number, number, number, number]): Value {
  const [, channels, rows, columns] = value.type.shape as [number, number, number, number];
  const cut = channels > c ? slice(value, 1, 0, c) : value;
  const sized = rows === h && columns === w ? cut : resampled(cut, [h, w]);
  return channels >= c ? sized : padded(sized, [n, c, h, w]);
}

/** Every stride-th pixel of a larger image; the pixels of a smaller one a step apart, zeros between. */
function resampled(value: Value, [h, w]: readonly [number, number]): Value {
  const [n, c, rows, columns] = value.type.shape as [number, number, number, number];
  const [stride, step] = [Math.floor(columns / w), Math.floor(w / columns)];
  if (Math.floor(rows / h) !== stride || Math.floor(h / rows) !== step) {
    throw new LayerError(`an image of ${rows}x${columns} cannot be added to one of ${h}x${w}`);
  }
  if (stride >= 1) {
    const starts = [0, 0, 0, 0];
    return build(
      "slice",
      { input: value },
      { starts, sizes: [n, c, h, w], steps: [1, 1, stride, stride] },
    );
  }
  const apart = reshape(value, [n, c, rows, 1, columns, 1]);
  const after = [0, 0, 0, step - 1, 0, step - 1];
  const spread = build(
    "pad",
    { input: apart },
    { before: after.map(() => 0), after, mode: "constant", value: 0 },
  );
  return padded(reshape(spread, [n, c, rows * step, columns * step]), [n, c, h, w]);
}

/** Zeros behind each axis up to a size. */
function padded(input: Value, shape: readonly number[]): Value {
  const after = input.type.shape.map((size, axis) => shape[axis]! - size);
  const before = after.map(() => 0);
  return build("pad", { input }, { before, after, mode: "constant", value: 0 });
}

/** Another layer times what arrives: one number for each of its channels, or for each of its pixels. */
export const scaleChannels: LayerReader = (options) => {
  const references = readLayers(options, "from");
  const perPixel = options.flag("scale_wh");
  const activate = options.choice("activation", "linear", activations);
  return (site) => {
    const [input, [, c, h, w]] = asImage(site.input);
    const [from, [, channels, rows, columns]] = asImage(site.layer("from", references[0]!));
    const fits = perPixel ? c === 1 && h === rows && w === columns : h * w === 1 && c === channels;
    if (!fits) {
      const wanted = perPixel ? `1x${rows}x${columns}` : `${channels}x1x1`;
      throw new LayerError(`factors of ${c}x${h}x${w} arrive, the layer takes ${wanted}`);
    }
    return activate(binary("mul", from, input, `scale${site.index}`), `act${site.index}`);
  };
};

/** What arrives times another layer of the same size, number by number. */
export const sam: LayerReader = (options) => {
  const references = readLayers(options, "from");
  const activate = options.choice("activation", "linear", activations);
  return (site) => {
    const from = site.layer("from", references[0]!);
    const [arriving, other] = [site.input.type.shape, from.type.shape];
    if (arriving.join() !== other.join()) {
      const problem = `[${arriving}] arrives, but the layer that it is multiplied with is [${other}]`;
      throw new LayerError(problem);
    }
    return activate(binary("mul", site.input, from, `sam${site.index}`), `act${site.index}`);
  };
};
