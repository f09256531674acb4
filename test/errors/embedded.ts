import { cnn } from "../../src/embedded.js";

/** Samples of messages that only templates in a program lead to. */
export const embedded: Readonly<Record<string, () => unknown>> = {
  "interpolation-unfit": () => {
    const classes = Number("ten");
    return cnn`
      model Digits {
        input image: f32[1, 28, 28]
        flatten
        linear(${classes})
        output digit
      }`;
  },
};
