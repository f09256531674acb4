import { build } from "../../../ir/build.js";
import { activations } from "../activation.js";
import type { LayerReader } from "../layer.js";
import { asImage } from "../values.js";
import { batchNorm, normParameters } from "./convolutional.js";

/** A transposed convolution, then batch normalisation or a bias, and an activation. */
export const deconvolutional: LayerReader = (options) => {
  const filters = options.whole("filters", 1, { least: 1 });
  const size = options.whole("size", 1, { least: 1, most: 4096 });
  const stride = options.whole("stride", 1, { least: 1 });
  const padding = options.whole("padding", 0);
  const pad = options.flag("pad") ? Math.floor(size / 2) : padding;
  const activate = options.choice("activation", "logistic", activations);
  const normalise = options.flag("batch_normalize");
  return (site) => {
    const [input, [, channels]] = asImage(site.input);
    const name = `deconv${site.index}`;
    const bias = normalise ? undefined : site.parameter(`${name}.bias`, [filters]);
    const norm = normalise ? normParameters(site, `bn${site.index}`, filters) : undefined;
    const weight = site.parameter(`${name}.weight`, [channels, filters, size, size]);
    const attrs = {
      stride: [stride, stride],
      dilation: [1, 1],
      pads: [pad, pad, pad, pad],
      groups: 1,
      outputPads: [0, 0],
      epilogue: [],
    } as const;
    const sums = build("deconv2d", { input, weight, bias, extras: [] }, attrs, { name });
    return activate(norm ? batchNorm(sums, norm, `bn${site.index}`) : sums, `act${site.index}`);
  };
};
