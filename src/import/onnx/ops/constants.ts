import { sizeOf } from "../../../ir/types.js";
import type { DataType } from "../../../weights/store.js";
import { checkFolded } from "../apply.js";
import { type Computed, computed, type Item, isFloat, knownNumbers } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { elementTypeOf, printElementType } from "../tensor.js";
import { negated } from "./logic.js";
import type { OpReader, OpReaders } from "./reader.js";

const constant: OpReader = (node) => {
  const tensor = node.tensor("value");
  if (tensor) return tensor;
  if (node.has("value_float")) return node.scalar(node.float("value_float", 0));
  if (node.has("value_int")) return node.scalar(node.int("value_int", 0), "int64");
  const floats = node.floats("value_floats");
  if (node.has("value_floats") && floats) return knownNumbers("float32", [floats.length], floats);
  const ints = node.ints("value_ints");
  if (node.has("value_ints") && ints) return knownNumbers("int64", [ints.length], ints);
  return node.refuse("its value is neither a tensor nor numbers");
};

const shape: OpReader = (node) => {
  const { shape } = node.input(0);
  const rank = shape.length;
  const place = (at: number): number => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  const part = shape.slice(place(node.int("start", 0)), place(node.int("end", rank)));
  return knownNumbers("int64", [part.length], part);
};

const constantOfShape: OpReader = (node) => {
  const shape = node.numbers(0, "shape") ?? node.refuse("its shape is missing");
  const value = node.tensor("value") ?? node.scalar(0);
  const size = sizeOf(shape);
  if (shape.some((n) => n < 0)) node.refuse(`its shape is [${shape}]`);
  checkFolded([size], []);
  const number = value.dense().data[0] ?? 0;
  return knownNumbers(value.dtype, shape, new Float64Array(size).fill(number));
};

const range: OpReader = (node) => {
  const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((at) => node.number(at, "bounds"));
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isFinite(count)) node.refuse(`it counts from ${start} to ${limit} by ${delta}`);
  checkFolded([count], []);
  const numbers = Float64Array.from({ length: count }, (_, at) => start + at * delta);
  return knownNumbers(node.input(0).dtype, [count], numbers);
};

/** Another element type. Computed numbers are float32 whatever the model calls them. */
const cast: OpReader = (node) => {
  node.ignore("saturate");
  const input = node.input(0);
  const wanted = node.opset < 6 ? typeNumber(node.text("to", "")) : node.int("to", 0);
  const dtype = elementTypeOf(wanted) ?? node.refuse(`it casts to ${printElementType(wanted)}`);
  if (input.kind === "known") return knownNumbers(dtype, input.shape, input.dense().data);
  if (input.value.type.element === "u8") {
    if (!isFloat(dtype)) return input;
    const value = node.apply("cast", { input }, { to: "f32" }, dtype);
    return value;
  }
  return castComputed(node, input, dtype);
};

/** Numbers that are computed are floats: whole ones are truncated, truths are 0 and 1. */
function castComputed(node: NodeReader, input: Computed, dtype: DataType): Item {
  if (isFloat(dtype) || dtype === input.dtype || input.dtype === "bool") {
    return computed(input.value, dtype);
  }
  if (dtype === "bool") return negated(node, negated(node, input));
  if (!isFloat(input.dtype)) return computed(input.value, dtype);
  const clip = (min: number, max: number): Item =>
    node.apply("unary", { input }, { fn: { kind: "clip", min, max } });
  const down = node.apply(
    "unary",
    { input: clip(0, Number.POSITIVE_INFINITY) },
    { fn: { kind: "floor" } },
  );
  const up = node.apply(
    "unary",
    { input: clip(Number.NEGATIVE_INFINITY, 0) },
    { fn: { kind: "ceil" } },
  );
  return node.apply("binary", { left: down, right: up }, { fn: "add" }, dtype);
}

/** The oldest models write types by name. */
const typeNumber = (name: string): number =>
  ({ FLOAT: 1, UINT8: 2, INT8: 3, INT32: 6, INT64: 7, BOOL: 9, FLOAT16: 10, DOUBLE: 11 })[name] ??
  0;

const identity = (node: NodeReader): Item => node.input(0);

/** The identity at inference, and a mask that keeps everything. */
const dropout: OpReader = (node) => {
  node.ignore("ratio", "is_test", "consumed_inputs", "seed");
  const input = node.input(0);
  if (node.opset >= 12 && (node.number(2, "training_mode") ?? 0) !== 0) {
    node.refuse("it is in training mode");
  }
  const size = sizeOf(input.shape);
  checkFolded([size], [input]);
  const isMasked = (node.message.outputs[1] ?? "") !== "";
  if (!isMasked) return input;
  return [input, knownNumbers("bool", input.shape, new Float64Array(size).fill(1))];
};

export const constantReaders: OpReaders = {
  Constant: constant,
  Shape: shape,
  Size: (node) => node.scalar(sizeOf(node.input(0).shape), "int64"),
  ConstantOfShape: constantOfShape,
  Range: range,
  Cast: cast,
  CastLike: (node) => {
    const { dtype } = node.input(1);
    const input = node.input(0);
    if (input.kind === "known") return knownNumbers(dtype, input.shape, input.dense().data);
    return castComputed(node, input, dtype);
  },
  Identity: identity,
  Dropout: dropout,
};
