import {
  conv,
  f32,
  flatten,
  gap,
  linear,
  model,
  relu,
  softmax,
} from "../../src/dsl/builder/index.js";
import { cnn } from "../../src/index.js";

/** How much of a picture's edges is added to it. */
const strength = 0.5;
const center = 1 + 4 * strength;

const kernel = {
  dtype: "float32",
  shape: [1, 1, 3, 3],
  data: Float32Array.of(0, -strength, 0, -strength, center, -strength, 0, -strength, 0),
} as const;

/** Sharpens a grey picture: a model whose weights are computed in the program. */
export const sharpen = (height: number, width: number) => cnn`
  model Sharpen {
    weights ${{ "filter.weight": kernel }}
    input image: f32[1, ${height}, ${width}]
    filter: conv(1, 3x3, bias=false) -> clip(0, 1)
    output sharp
  }`;

/** A small classifier from combinators; that its output has ten elements is known to the types. */
export const tiny = model(
  "Tiny",
  { image: f32(1, 28, 28) },
  ({ image }) => ({
    digit: image.pipe(conv(8, 3, { stride: 2 }), relu, gap, flatten, linear(10), softmax),
  }),
  { labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] },
);
