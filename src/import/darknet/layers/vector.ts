import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import { activations } from "../activation.js";
import { LayerError, type LayerReader } from "../layer.js";
import { asImage, asVector, binary, reshape, slice, unary } from "../values.js";
import { batchNorm, normParameters } from "./convolutional.js";

/** A product with a matrix, then batch normalisation where it is asked for, a bias and an activation. */
export const connected: LayerReader = (options) => {
  const outputs = options.whole("output", 1, { least: 1 });
  const activate = options.choice("activation", "logistic", activations);
  const normalise = options.flag("batch_normalize");
  return (site) => {
    const input = asVector(site.input);
    const name = `fc${site.index}`;
    const [bnName, size] = [`bn${site.index}`, input.type.shape[1]!];
    // The file holds biases, the matrix, and what normalises last.
    const shift = site.parameter(normalise ? `${bnName}.bias` : `${name}.bias`, [outputs]);
    const weight = site.parameter(`${name}.weight`, [outputs, size], { wasTransposed: true });
    const operands = { input, weight, bias: normalise ? undefined : shift, extras: [] };
    const sums = build("linear", operands, { epilogue: [] }, { name });
    if (!normalise) return activate(sums, `act${site.index}`);
    const statistic = (part: string) =>
      site.parameter(`${bnName}.${part}`, [outputs], { role: "statistic" });
    const norm = {
      beta: shift,
      gamma: site.parameter(`${bnName}.weight`, [outputs]),
      mean: statistic("running_mean"),
      variance: statistic("running_var"),
    };
    return activate(batchNorm(sums, norm, bnName), `act${site.index}`);
  };
};

/** Softmax over all numbers, over each of `groups` parts, or with `spatial` over each pixel's channels. */
export const softmax: LayerReader = (options) => {
  const groups = options.whole("groups", 1, { least: 1 });
  const temperature = options.number("temperature", 1);
  const spatial = options.flag("spatial");
  return ({ input, index }) => {
    const origin = { name: `softmax${index}` };
    const cooled = (value: Value) =>
      temperature === 1 ? value : binary("div", value, temperature);
    if (spatial)
      return build(
        "softmax",
        { input: cooled(asImage(input)[0]) },
        { axis: 1, log: false },
        origin,
      );
    const vector = asVector(input);
    const [n, size] = vector.type.shape as [number, number];
    if (groups === 1)
      return build("softmax", { input: cooled(vector) }, { axis: 1, log: false }, origin);
    if (size % groups !== 0) throw new LayerError(`${groups} groups do not divide ${size} numbers`);
    const parts = cooled(reshape(vector, [n, groups, size / groups]));
    return reshape(build("softmax", { input: parts }, { axis: 2, log: false }, origin), [n, size]);
  };
};

export const batchnorm: LayerReader = () => {
  return (site) => {
    const [input, [, channels]] = asImage(site.input);
    const name = `bn${site.index}`;
    return batchNorm(input, normParameters(site, name, channels), name);
  };
};

export const activation: LayerReader = (options) => {
  const activate = options.choice("activation", "linear", activations);
  return ({ input, index }) => activate(input, `act${index}`);
};

/**
 * Response normalisation over neighbouring channels, `x · (κ + α Σ x²)^−β`, with Darknet's running sum:
 * it begins with the first `size / 2` channels, so that channel `size / 2` never enters it and leaves it
 * nevertheless.
 */
export const normalization: LayerReader = (options) => {
  const size = options.whole("size", 5, { least: 1, most: 4096 });
  const alpha = options.number("alpha", 0.0001);
  const beta = options.number("beta", 0.75);
  const kappa = options.number("kappa", 1);
  return ({ input: arriving, index }) => {
    const [input, [, channels]] = asImage(arriving);
    const squares = binary("mul", input, input);
    const after = Math.floor(size / 2);
    const sums = binary("mul", sumsOfChannels(squares, size), alpha);
    const missing = after < channels ? slice(squares, 1, after, after + 1) : undefined;
    const kept = missing ? binary("sub", sums, binary("mul", missing, alpha)) : sums;
    const norms = binary("pow", binary("add", kept, kappa), -beta);
    return binary("mul", input, norms, `lrn${index}`);
  };
};

/** Sums over `size` channels around each; the one more of an even size lies behind. */
function sumsOfChannels(input: Value, size: number): Value {
  const [n, c, h, w] = input.type.shape as [number, number, number, number];
  const rows = reshape(input, [n, 1, c, h * w]);
  const attrs = {
    kernel: [size, 1],
    stride: [1, 1],
    dilation: [1, 1],
    pads: [Math.floor((size - 1) / 2), 0, Math.floor(size / 2), 0],
    ceil: false,
    countIncludePad: true,
  } as const;
  const means = build("avgPool", { input: rows }, attrs);
  return reshape(binary("mul", means, size), [n, c, h, w]);
}

/** Numbers of its own for every image: `filters` channels of `atoms` rows. */
export const implicit: LayerReader = (options) => {
  const filters = options.whole("filters", 128, { least: 1 });
  const atoms = options.whole("atoms", 1, { least: 1 });
  return (site) => {
    const weight = site.parameter(`implicit${site.index}.weight`, [1, filters, atoms, 1]);
    const images = site.input.type.shape[0]!;
    const copies = Array.from({ length: images }, () => weight);
    return images === 1 ? weight : build("concat", { inputs: copies }, { axis: 0 });
  };
};

/** Each pixel's channels divided by the root of their squares' sum. */
export const l2norm: LayerReader = () => {
  return ({ input: arriving, index }) => {
    const [input] = asImage(arriving);
    const squares = binary("mul", input, input);
    const sum = build("reduce", { input: squares }, { fn: "sum", axes: [1], keepDims: true });
    return binary("div", input, unary(sum, { kind: "sqrt" }), `l2norm${index}`);
  };
};

export const logistic: LayerReader = () => {
  return ({ input, index }) => unary(input, { kind: "sigmoid" }, `act${index}`);
};
