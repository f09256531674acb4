import type { DataType } from "../../../weights/store.js";
import { elementsOf, type Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { elementTypeOf } from "../tensor.js";
import type { OpReader, OpReaders } from "./reader.js";

const ranges: Partial<Record<DataType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** Scale or zero point: one number, or one for each place along an axis. */
function alongAxis(node: NodeReader, item: Item, input: Item): Item {
  const told = node.int("axis", 1);
  if (node.int("block_size", 0) !== 0) node.refuse("it has a scale for each block");
  if (elementsOf(item) === 1) return node.reshape(item, []);
  const axis = node.axis(told, input.shape.length);
  if (item.shape.length !== 1 || item.shape[0] !== input.shape[axis]) {
    node.refuse(`its scale is [${item.shape}] for axis ${axis} of [${input.shape}]`);
  }
  const ones = input.shape.slice(axis + 1).map(() => 1);
  return node.reshape(item, [...item.shape, ...ones]);
}

const combine = (
  node: NodeReader,
  fn: "sub" | "mul" | "div" | "add",
  left: Item,
  right: Item,
): Item => node.apply("binary", { left, right }, { fn }, "float32");

/** `(x − zero point) · scale`. */
const dequantise: OpReader = (node) => {
  node.ignore("output_dtype");
  const input = node.input(0);
  const zero = node.optional(2);
  const centred = zero ? combine(node, "sub", input, alongAxis(node, zero, input)) : input;
  return combine(node, "mul", centred, alongAxis(node, node.input(1), input));
};

/** `round(x / scale) + zero point` within the element type's range. */
const quantise: OpReader = (node) => {
  node.ignore("saturate", "precision");
  const input = node.input(0);
  const zero = node.optional(2);
  const told = elementTypeOf(node.int("output_dtype", 0));
  const dtype = zero?.dtype ?? told ?? "uint8";
  const range = ranges[dtype] ?? node.refuse(`it quantises to ${dtype}`);
  const scaled = combine(node, "div", input, alongAxis(node, node.input(1), input));
  const whole = node.apply("unary", { input: scaled }, { fn: { kind: "round" } });
  const moved = zero ? combine(node, "add", whole, alongAxis(node, zero, input)) : whole;
  const fn = { kind: "clip", min: range[0], max: range[1] } as const;
  return node.apply("unary", { input: moved }, { fn }, dtype);
};

export const quantiseReaders: OpReaders = {
  QuantizeLinear: quantise,
  DequantizeLinear: dequantise,
};
