import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";
import type { OpReader, OpReaders } from "./reader.js";

/** The result's shape from scales: `floor(size · scale)`. */
const scaledShape = (input: Item, scales: readonly number[]): number[] =>
  input.shape.map((size, axis) => Math.floor(size * Math.fround(scales[axis] ?? 1)));

/** Height and width of a resize that changes nothing else. */
function imageSize(node: NodeReader, input: Item, shape: readonly number[]): [number, number] {
  const [n, c, height = 1, width = 1] = shape;
  const isImage = shape.length === 4 && n === input.shape[0] && c === input.shape[1];
  return isImage
    ? [height, width]
    : node.refuse(`it resizes [${input.shape}] to [${shape}]: only rows and columns can be`);
}

/** The oldest resize: nearest takes `floor(y / scale)`, linear samples without half pixels. */
const upsample: OpReader = (node) => {
  const input = node.input(0);
  const told = node.opset < 9 ? legacyScales(node) : node.numbers(1, "scales");
  const mode = node.choice("mode", ["nearest", "linear", "bilinear"], "nearest");
  if (mode !== "nearest") node.refuse(`its mode is ${mode}`);
  const shape = scaledShape(input, told ?? node.refuse("its scales are missing"));
  return node.apply("resize", { input }, { mode: "nearest", size: imageSize(node, input, shape) });
};

const legacyScales = (node: NodeReader): readonly number[] | undefined =>
  node.opset < 7
    ? [1, 1, node.float("height_scale", 1), node.float("width_scale", 1)]
    : node.floats("scales");

export const resizeReaders: OpReaders = { Upsample: upsample };
