import { build } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { f32, type TensorType } from "../../src/ir/types.js";

const input = (type: TensorType): Value => build("input", {}, { name: "x", type });
const tensor = (...shape: number[]): Value => input(f32(...shape));

const convolution = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;

const convolve = (image: Value, weight: Value): Value =>
  build(
    "conv2d",
    { input: image, weight, bias: undefined, extras: [] },
    { ...convolution, epilogue: [] },
  );

/**
 * Samples of messages that no `.cnn` text leads to, because the language checks its operands before it
 * builds nodes, under its own messages. Who hands a graph to the compiler builds nodes directly.
 */
export const handBuilt: Readonly<Record<string, () => Value>> = {
  "wrong-rank": () => convolve(tensor(1, 3, 8), tensor(4, 3, 3, 3)),
  "wrong-element-type": () =>
    convolve(input({ element: "u8", shape: [1, 3, 8, 8] }), tensor(4, 3, 3, 3)),
  "operand-shape": () => convolve(tensor(1, 3, 8, 8), tensor(4, 2, 3, 3)),
  "cannot-broadcast": () =>
    build("binary", { left: tensor(1, 3, 8, 8), right: tensor(1, 3, 4, 4) }, { fn: "add" }),
  "concat-shapes": () =>
    build("concat", { inputs: [tensor(1, 3, 8, 8), tensor(1, 5, 4, 8)] }, { axis: 1 }),
};
