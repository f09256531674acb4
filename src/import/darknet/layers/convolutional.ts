import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import type { Pair } from "../../../ir/ops/conv.js";
import { activations } from "../activation.js";
import { LayerError, type LayerReader, type Site, type Storage } from "../layer.js";
import type { Options } from "../options.js";
import { asImage } from "../values.js";

/**
 * Added to variances inside the root, as OpenCV's reader does, whose results are the ones at hand to compare
 * with. Darknet's first version adds as much outside the root, a later one 1e-5 inside: they differ
 * only where a variance is about as small.
 */
export const epsilon = 1e-6;

/** Rows, then columns, that a window moves on: `stride_y` and `stride_x`, else `stride`. */
export function readStride(options: Options): Pair {
  const stride = options.whole("stride", 1, { least: 1 });
  return [
    options.whole("stride_y", stride, { least: 1 }),
    options.whole("stride_x", stride, { least: 1 }),
  ];
}

/**
 * A convolution with zeros around the image (half the kernel where `pad` is set, else `padding`), then
 * batch normalisation or a bias, an activation, and a blur that takes the stride where antialiasing is asked for.
 */
export const convolutional: LayerReader = (options) => {
  const filters = options.whole("filters", 1, { least: 1 });
  const size = options.whole("size", 1, { least: 1, most: 4096 });
  const groups = options.whole("groups", 1, { least: 1 });
  const stride = readStride(options);
  const dilation = size === 1 ? 1 : options.whole("dilation", 1, { least: 1 });
  const padding = options.whole("padding", 0) * dilation;
  const pad = options.flag("pad") ? Math.floor(size / 2) * dilation : padding;
  const activate = options.choice("activation", "logistic", activations);
  const normalise = options.flag("batch_normalize") || options.flag("cbn");
  const isTransposed = options.flag("flipped");
  const blur = options.whole("antialiasing", 0, { most: 2 });
  const shared = options.has("share_index")
    ? options.whole("share_index", 0, { least: -1e9 })
    : undefined;
  return (site) => {
    const [input, [, channels]] = asImage(site.input);
    if (channels % groups !== 0 || filters % groups !== 0) {
      const problem = `${groups} groups do not divide ${channels} channels into ${filters} filters`;
      throw new LayerError(problem);
    }
    const owner = shared === undefined ? site.index : ownerOf(site, shared);
    const storage = { isShared: owner !== site.index };
    const kernel = [filters, channels / groups, size, size];
    const bias = normalise ? undefined : site.parameter(`conv${owner}.bias`, [filters], storage);
    const norm = normalise ? normParameters(site, `bn${owner}`, filters, storage) : undefined;
    const weight = site.parameter(`conv${owner}.weight`, kernel, { ...storage, isTransposed });
    const attrs = {
      stride: blur === 0 ? stride : ([1, 1] as const),
      dilation: [dilation, dilation] as const,
      pads: [pad, pad, pad, pad] as const,
      groups,
      epilogue: [],
    };
    const operands = { input, weight, bias, extras: [] };
    const sums = build("conv2d", operands, attrs, { name: `conv${site.index}` });
    const normed = norm ? batchNorm(sums, norm, `bn${site.index}`) : sums;
    const active = activate(normed, `act${site.index}`);
    return blur === 0 ? active : blurred(site, active, blur, stride);
  };
};

/** The layer whose weights a layer reads. */
function ownerOf(site: Site, reference: number): number {
  const owner = reference < 0 ? site.index + reference : reference;
  site.layer("share_index", reference);
  return owner;
}

export interface NormParameters {
  readonly beta: Value;
  readonly gamma: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/** The parameters of batch normalisation, in the order of the weights file. */
export function normParameters(
  site: Site,
  name: string,
  channels: number,
  storage: Storage = {},
): NormParameters {
  const read = (part: string, role: "parameter" | "statistic") =>
    site.parameter(`${name}.${part}`, [channels], { ...storage, role });
  return {
    beta: read("bias", "parameter"),
    gamma: read("weight", "parameter"),
    mean: read("running_mean", "statistic"),
    variance: read("running_var", "statistic"),
  };
}

export const batchNorm = (input: Value, parameters: NormParameters, name: string): Value =>
  build("batchNorm", { input, ...parameters }, { epsilon }, { name });

/** Each channel's mean over 2x2 pixels, or over 3x3 with the weights 1 2 1 both ways. */
export function blurred(site: Site, input: Value, kind: number, stride: Pair): Value {
  const channels = input.type.shape[1]!;
  const line = kind === 2 ? [0.5, 0.5] : [0.25, 0.5, 0.25];
  const kernel = line.flatMap((y) => line.map((x) => y * x));
  const shape = [channels, 1, line.length, line.length];
  const weight = site.literal(shape, (at) => kernel[at % kernel.length]!);
  const pad = kind === 2 ? 0 : 1;
  return build(
    "conv2d",
    { input, weight, bias: undefined, extras: [] },
    { stride, dilation: [1, 1], pads: [pad, pad, pad, pad], groups: channels, epilogue: [] },
  );
}
