import { sizeOf } from "../../../ir/types.js";
import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import { flattened } from "./activate.js";
import type { OpReader, OpReaders } from "./reader.js";

/** A shape as a model writes it: 0 keeps the input's size unless `allowzero`, -1 is worked out. */
function wantedShape(node: NodeReader, input: Item, told: readonly number[]): number[] {
  const allowZero = node.flag("allowzero", false);
  const shape = told.map((size, axis) =>
    size === 0 && !allowZero ? (input.shape[axis] ?? 0) : size,
  );
  const open = shape.indexOf(-1);
  if (open < 0) return shape;
  const rest = sizeOf(shape.filter((_, axis) => axis !== open));
  const size = sizeOf(input.shape) / rest;
  if (!Number.isInteger(size)) node.refuse(`[${input.shape}] cannot have the shape [${told}]`);
  shape[open] = size;
  return shape;
}

const reshape: OpReader = (node) => {
  node.ignore("consumed_inputs");
  const told = node.opset < 5 ? node.ints("shape") : node.numbers(1, "shape");
  const input = node.input(0);
  const shape = wantedShape(node, input, told ?? node.refuse("its shape is missing"));
  if (sizeOf(shape) !== sizeOf(input.shape)) {
    node.refuse(`[${input.shape}] cannot have the shape [${shape}]`);
  }
  return node.reshape(input, shape);
};

/** The axes of Squeeze and Unsqueeze: an operand since 13. */
const givenAxes = (node: NodeReader): readonly number[] | undefined =>
  node.opset < 13 ? node.ints("axes") : node.numbers(1, "axes");

const squeeze: OpReader = (node) => {
  const input = node.input(0);
  const told = givenAxes(node);
  const axes = told
    ? node.axes(told, input.shape.length)
    : [...input.shape.keys()].filter((axis) => input.shape[axis] === 1);
  const wide = axes.find((axis) => input.shape[axis] !== 1);
  if (wide !== undefined) node.refuse(`axis ${wide} of [${input.shape}] is not of size 1`);
  return node.reshape(
    input,
    input.shape.filter((_, axis) => !axes.includes(axis)),
  );
};

const unsqueeze: OpReader = (node) => {
  const input = node.input(0);
  const told = givenAxes(node) ?? node.refuse("its axes are missing");
  const rank = input.shape.length + told.length;
  const axes = node.axes(told, rank);
  const left = [...input.shape];
  const shape = Array.from({ length: rank }, (_, axis) =>
    axes.includes(axis) ? 1 : (left.shift() ?? 1),
  );
  return node.reshape(input, shape);
};

const transpose: OpReader = (node) => {
  const input = node.input(0);
  const rank = input.shape.length;
  const order = node.ints("perm") ?? [...input.shape.keys()].reverse();
  if (order.length !== rank) node.refuse(`its perm is [${order}], its input [${input.shape}]`);
  node.axes(order, rank);
  return node.transpose(
    input,
    order.map((axis) => node.axis(axis, rank)),
  );
};

const concat: OpReader = (node) => {
  const inputs = node.all();
  const rank = inputs[0]?.shape.length ?? 0;
  const told = node.opset < 4 ? node.int("axis", 1) : node.int("axis", 0);
  const axis = node.axis(told, rank);
  const filled = inputs.filter(({ shape }) => shape[axis] !== 0);
  if (filled.length === 1) return filled[0]!;
  return node.apply("concat", { inputs: filled.length > 0 ? filled : inputs }, { axis });
};

/** Sizes of parts that are as equal as they can be, the last one smaller. */
function equalParts(node: NodeReader, size: number, parts: number): number[] {
  if (!Number.isInteger(parts) || parts < 1) node.refuse("it has no outputs");
  const each = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, at) => Math.min(each, Math.max(0, size - at * each)));
}

const split: OpReader = (node) => {
  const input = node.input(0);
  const axis = node.axis(node.int("axis", 0), input.shape.length);
  const size = input.shape[axis] ?? 0;
  const told = node.numbers(1, "split") ?? node.ints("split");
  const parts = node.int("num_outputs", node.message.outputs.length);
  const sizes = told ?? equalParts(node, size, parts);
  if (sizes.length === 1) return input;
  return node.applyAll("split", { input }, { axis, sizes });
};

function blockOf(node: NodeReader, input: Item): readonly [number, number, number, number, number] {
  const block = node.int("blocksize", 1);
  if (input.shape.length !== 4) node.refuse(`its input is [${input.shape}], not of rank 4`);
  if (block < 1) node.refuse(`its blocksize is ${block}`);
  const [n = 1, c = 1, h = 1, w = 1] = input.shape;
  return [n, c, h, w, block];
}

const depthToSpace: OpReader = (node) => {
  const input = node.input(0);
  const [n, c, h, w, b] = blockOf(node, input);
  const parts = c / (b * b);
  if (!Number.isInteger(parts)) node.refuse(`${c} channels are no multiple of ${b * b}`);
  if (node.choice("mode", ["DCR", "CRD"], "DCR") === "CRD") {
    return node.apply("pixelShuffle", { input }, { factor: b });
  }
  const blocks = node.reshape(input, [n, b, b, parts, h, w]);
  return node.reshape(node.transpose(blocks, [0, 3, 4, 1, 5, 2]), [n, parts, h * b, w * b]);
};

const spaceToDepth: OpReader = (node) => {
  const input = node.input(0);
  const [n, c, h, w, b] = blockOf(node, input);
  const [rows, columns] = [h / b, w / b];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
    node.refuse(`its input is [${input.shape}], which blocks of ${b} do not fill`);
  }
  const blocks = node.reshape(input, [n, c, rows, b, columns, b]);
  return node.reshape(node.transpose(blocks, [0, 3, 5, 1, 2, 4]), [n, c * b * b, rows, columns]);
};

export const shapeReaders: OpReaders = {
  Reshape: reshape,
  Flatten: (node) => flattened(node, node.input(0), node.int("axis", 1)),
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
