import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import type { Pair, Sides } from "../../../ir/ops/conv.js";
import { LayerError, type LayerReader } from "../layer.js";
import type { Options } from "../options.js";
import { asImage, reshape } from "../values.js";
import { blurred, readStride } from "./convolutional.js";

interface PoolWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
  readonly ceil: boolean;
}

/**
 * `padding` counts for both sides together and is `size − 1` unless told: half of it, rounded down,
 * lies above and to the left. Windows are clipped to the image.
 */
function readWindow(options: Options): PoolWindow {
  const stride = readStride(options);
  const size = options.whole("size", options.whole("stride", 1, { least: 1 }), {
    least: 1,
    most: 4096,
  });
  const padding = options.whole("padding", size - 1, { most: 8192 });
  const [before, after] = [Math.floor(padding / 2), Math.ceil(padding / 2)];
  return {
    kernel: [size, size],
    stride,
    dilation: [1, 1],
    pads: [before, before, after, after],
    ceil: false,
  };
}

export const maxpool: LayerReader = (options) => {
  const window = readWindow(options);
  const depth = options.flag("maxpool_depth");
  const channels = options.whole("out_channels", 1, { least: 1 });
  const blur = options.whole("antialiasing", 0, { most: 2 });
  return (site) => {
    const [input] = asImage(site.input);
    if (depth) return largestOfChannels(input, channels);
    const stride = blur === 0 ? window.stride : ([1, 1] as const);
    const name = `maxpool${site.index}`;
    const pooled = build("maxPool", { input }, { ...window, stride }, { name });
    return blur === 0 ? pooled : blurred(site, pooled, blur, window.stride);
  };
};

/** Result channel `g` of `count` is the largest of the channels `g`, `g + count`, `g + 2 · count` … */
function largestOfChannels(input: Value, count: number): Value {
  const [n, c, h, w] = input.type.shape as [number, number, number, number];
  if (c % count !== 0) throw new LayerError(`out_channels=${count} do not divide ${c} channels`);
  const parts = reshape(input, [n, c / count, count, h, w]);
  return build("reduce", { input: parts }, { fn: "max", axes: [1], keepDims: false });
}

/** The mean of what a window sees of the image. */
export const localAvgpool: LayerReader = (options) => {
  const window = readWindow(options);
  return ({ input: arriving, index }) => {
    const [input] = asImage(arriving);
    const attrs = { ...window, countIncludePad: false };
    return build("avgPool", { input }, attrs, { name: `avgpool${index}` });
  };
};

/** The mean of each channel. */
export const avgpool: LayerReader = () => {
  return ({ input: arriving, index }) => {
    const [input] = asImage(arriving);
    const attrs = { fn: "mean", axes: [2, 3], keepDims: true } as const;
    return build("reduce", { input }, attrs, { name: `avgpool${index}` });
  };
};
