import { build } from "../../../ir/build.js";
import type { Value } from "../../../ir/graph.js";
import { LayerError, type LayerReader } from "../layer.js";
import { asImage, binary, reshape, slice, transpose } from "../values.js";

/** Every pixel `stride` times both ways; with a negative stride, the sum of as many. */
export const upsample: LayerReader = (options) => {
  const stride = options.whole("stride", 2, { least: -1024, most: 1024 });
  const scale = options.number("scale", 1);
  return ({ input: arriving, index }) => {
    const [input, [, , h, w]] = asImage(arriving);
    const name = `upsample${index}`;
    if (stride === 0) throw new LayerError("a stride of 0 leaves no image");
    if (stride < 0) return summed(input, -stride, scale);
    const attrs = { mode: "nearest", size: [h * stride, w * stride] } as const;
    const repeated = build("resize", { input }, attrs, { name });
    return scale === 1 ? repeated : binary("mul", repeated, scale);
  };
};

/** Sums of `size` by `size` pixels, times a factor. */
function summed(input: Value, size: number, factor: number): Value {
  const window = { kernel: [size, size], stride: [size, size], dilation: [1, 1] } as const;
  const rest = { pads: [0, 0, 0, 0], ceil: false, countIncludePad: false } as const;
  return binary("mul", build("avgPool", { input }, { ...window, ...rest }), factor * size * size);
}

/**
 * Darknet's first way to trade pixels for channels, which its networks were trained with. It takes the
 * numbers `[c, h, w]` for an image `[c / s², h · s, w · s]`, makes the channels of pixels at the same
 * place of each s x s square one behind another, and calls the result `[c · s², h / s, w / s]`.
 */
export const reorg: LayerReader = (options) => {
  const stride = options.whole("stride", 1, { least: 1, most: 1024 });
  const reverse = options.flag("reverse");
  return ({ input: arriving }) => {
    const [input, [n, c, h, w]] = asImage(arriving);
    const square = stride * stride;
    checkDivides(square, c);
    if (reverse) {
      return reshape(spread(input, [n, c, h, w], stride), [n, c / square, h * stride, w * stride]);
    }
    checkDivides(stride, h);
    checkDivides(stride, w);
    const gathered = gathered6(input, [n, c / square, h, w], stride);
    return reshape(gathered, [n, c * square, h / stride, w / stride]);
  };
};

/** Pixels for channels: channel `(y · s + x) · c + k` holds channel k of the pixels y, x of each square. */
export const reorg3d: LayerReader = (options) => {
  const stride = options.whole("stride", 1, { least: 1, most: 1024 });
  const reverse = options.flag("reverse");
  return ({ input: arriving }) => {
    const [input, [n, c, h, w]] = asImage(arriving);
    const square = stride * stride;
    if (reverse) {
      checkDivides(square, c);
      return reshape(spread(input, [n, c, h, w], stride), [n, c / square, h * stride, w * stride]);
    }
    checkDivides(stride, h);
    checkDivides(stride, w);
    const gathered = gathered6(input, [n, c, h / stride, w / stride], stride);
    return reshape(gathered, [n, c * square, h / stride, w / stride]);
  };
};

function checkDivides(divisor: number, size: number): void {
  if (size % divisor === 0) return;
  throw new LayerError(`${divisor} does not divide ${size}, so the image cannot be reordered`);
}

/** `[n, c, y, s, x, s]`, read from any shape of as many numbers, as `[n, s, s, c, y, x]`. */
const gathered6 = (
  input: Value,
  [n, c, h, w]: readonly [number, number, number, number],
  s: number,
): Value => transpose(reshape(input, [n, c, h, s, w, s]), [0, 3, 5, 1, 2, 4]);

/** The way back: `[n, s · s · c, h, w]` as `[n, c, h, s, w, s]`. */
const spread = (
  input: Value,
  [n, c, h, w]: readonly [number, number, number, number],
  s: number,
): Value => transpose(reshape(input, [n, s, s, c / s / s, h, w]), [0, 3, 4, 1, 5, 2]);

/** The middle of the image, its numbers from 0..1 stretched to −1..1 unless `noadjust` is set. */
export const crop: LayerReader = (options) => {
  options.require("crop_height", "a whole number from 1");
  options.require("crop_width", "a whole number from 1");
  const height = options.whole("crop_height", 1, { least: 1 });
  const width = options.whole("crop_width", 1, { least: 1 });
  const adjust = !options.flag("noadjust");
  return ({ input: arriving, index }) => {
    const [input, [, , h, w]] = asImage(arriving);
    if (height > h || width > w) {
      throw new LayerError(`${height}x${width} cannot be cut out of ${h}x${w}`);
    }
    const [top, left] = [Math.floor((h - height) / 2), Math.floor((w - width) / 2)];
    const rows = slice(input, 2, top, top + height);
    const middle = slice(rows, 3, left, left + width, `crop${index}`);
    return adjust ? binary("sub", binary("mul", middle, 2), 1) : middle;
  };
};

/** Nothing at inference. */
export const dropout: LayerReader = (options) => {
  const rate = options.number("probability", 0.2);
  return ({ input, index }) =>
    build(
      "dropout",
      { input },
      { rate: Math.min(1, Math.max(0, rate)) },
      { name: `dropout${index}` },
    );
};

/** What arrives: costs and empty layers compute nothing at inference. */
export const nothing: LayerReader = () => {
  return ({ input }) => input;
};
