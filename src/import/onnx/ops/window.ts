import type { Pair, Sides } from "../../../ir/ops/conv.js";
import { coverOf } from "../../../ir/ops/window.js";
import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";

/** A convolution's or pool's way over two image axes. A signal `[n, c, l]` is an image of one row. */
export interface SlidingWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
}

/** How an operator over one image axis sees its input: as `[n, c, 1, l]`. */
export function asImage(node: NodeReader, input: Item): Item {
  const [n = 1, c = 1, ...space] = input.shape;
  const rank = input.shape.length;
  if (rank !== 3 && rank !== 4) {
    node.refuse(`its input has ${rank} axes: there are kernels for one and two image axes`);
  }
  return rank === 4 ? input : node.reshape(input, [n, c, 1, ...space]);
}

/** The result of an operator on `asImage(input)`, with as many axes as the input. */
export function likeInput(node: NodeReader, result: Item, input: Item): Item {
  const [n = 1, c = 1, , width = 1] = result.shape;
  return input.shape.length === 4 ? result : node.reshape(result, [n, c, width]);
}

/** A list attribute with one number for each image axis, a 1-D one with `before` for the missing row. */
export function perAxis(node: NodeReader, name: string, axes: number, otherwise: number): Pair {
  const values = node.ints(name) ?? Array.from({ length: axes }, () => otherwise);
  return pairOf(node, name, values, axes, 1);
}

/** One or two numbers as height and width. */
export function pairOf(
  node: NodeReader,
  name: string,
  values: readonly number[],
  axes: number,
  row: number,
): Pair {
  if (values.length !== axes) node.refuse(`its ${name} has ${values.length} numbers, not ${axes}`);
  const [first = row, second = row] = values;
  return axes === 1 ? [row, first] : [first, second];
}

export const autoPads = ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"] as const;

/** Splits zeros of an axis into those in front and behind; `upper` puts the odd one behind. */
export function shareOut(total: number, upper: boolean): readonly [number, number] {
  const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
  return upper ? [less, more] : [more, less];
}

/** Pads `[begin…, end…]` of one or two axes as top, left, bottom, right. */
function explicitPads(node: NodeReader, axes: number): Sides {
  const pads = node.ints("pads") ?? Array.from({ length: 2 * axes }, () => 0);
  if (pads.length !== 2 * axes) node.refuse(`its pads has ${pads.length} numbers, not ${2 * axes}`);
  const [a = 0, b = 0, c = 0, d = 0] = pads;
  return axes === 1 ? [0, a, 0, b] : [a, b, c, d];
}

/** Pads of a window over an image of the given height and width, `auto_pad` worked out. */
function padsOf(
  node: NodeReader,
  axes: number,
  size: Pair,
  { kernel, stride, dilation }: Omit<SlidingWindow, "pads">,
): Sides {
  const auto = node.choice("auto_pad", autoPads, "NOTSET");
  if (auto === "NOTSET") return explicitPads(node, axes);
  node.ignore("pads");
  if (auto === "VALID") return [0, 0, 0, 0];
  const sides = ([0, 1] as const).map((axis) => {
    const steps = Math.ceil(size[axis] / stride[axis]) - 1;
    const total = steps * stride[axis] + coverOf(kernel[axis], dilation[axis]) - size[axis];
    return shareOut(Math.max(0, total), auto === "SAME_UPPER");
  });
  const [rows = [0, 0], columns = [0, 0]] = sides;
  return [rows[0], columns[0], rows[1], columns[1]];
}

/** The window of a convolution or pool from its attributes; `kernel` comes from the weights where there are any. */
export function windowOf(node: NodeReader, input: Item, kernel: readonly number[]): SlidingWindow {
  const axes = input.shape.length - 2;
  const [height = 1, width = 1] = axes === 1 ? [1, input.shape[2]] : input.shape.slice(2);
  const window = {
    kernel: pairOf(node, "kernel_shape", kernel, axes, 1),
    stride: perAxis(node, "strides", axes, 1),
    dilation: perAxis(node, "dilations", axes, 1),
  };
  return { ...window, pads: padsOf(node, axes, [height, width], window) };
}
