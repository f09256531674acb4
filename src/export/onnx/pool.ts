import type { NodeOf } from "../../ir/graph.js";
import type { Sides } from "../../ir/ops/conv.js";
import type { AvgPoolAttributes, MaxPoolAttributes } from "../../ir/ops/pool.js";
import type { Attribute, OnnxEmitter } from "./emitter.js";

/** Pads that give the result's size when it is rounded down: what `ceil` adds is padding below and to the right. */
function padsRoundedDown(attrs: MaxPoolAttributes, node: NodeOf<"maxPool" | "avgPool">): Sides {
  const [, , height = 1, width = 1] = node.operands.input.type.shape;
  const [, , rows = 1, columns = 1] = node.results[0]!.type.shape;
  const [top, left, bottom, right] = attrs.pads;
  const reach = (count: number, axis: 0 | 1): number =>
    (count - 1) * attrs.stride[axis] + attrs.dilation[axis] * (attrs.kernel[axis] - 1) + 1;
  return [
    top,
    left,
    Math.max(bottom, reach(rows, 0) - height - top),
    Math.max(right, reach(columns, 1) - width - left),
  ];
}

const attributesOf = (attrs: MaxPoolAttributes, pads: Sides): Record<string, Attribute> => ({
  kernel_shape: { ints: attrs.kernel },
  strides: { ints: attrs.stride },
  pads: { ints: pads },
});

/** Padding as wide as the kernel, which a dilated window may have and ONNX's pools refuse, is added before. */
export function writeMaxPool(out: OnnxEmitter, node: NodeOf<"maxPool">, x: string): string {
  const { attrs, name } = node;
  const pads = padsRoundedDown(attrs, node);
  const dilations = { ints: attrs.dilation };
  const [top, left, bottom, right] = pads;
  if (Math.max(top, bottom) < attrs.kernel[0] && Math.max(left, right) < attrs.kernel[1]) {
    return out.one("MaxPool", [x], { ...attributesOf(attrs, pads), dilations }, name);
  }
  const amounts = out.int64s("pads", [0, 0, top, left, 0, 0, bottom, right]);
  const lowest = out.scalar("lowest", Number.NEGATIVE_INFINITY);
  const padded = out.one("Pad", [x, amounts, lowest], { mode: { string: "constant" } }, name);
  const attributes = { ...attributesOf(attrs, [0, 0, 0, 0]), dilations };
  return out.one("MaxPool", [padded], attributes, name);
}

/** How many taps of each window the average counts: those inside the input, or inside its padding too. */
function tapCounts(node: NodeOf<"avgPool">): Float32Array {
  const { kernel, stride, dilation, pads, countIncludePad } = node.attrs;
  const [, , height = 1, width = 1] = node.operands.input.type.shape;
  const [, , rows = 1, columns = 1] = node.results[0]!.type.shape;
  const counted = (at: number, axis: 0 | 1, size: number): number => {
    const [before, after] = countIncludePad ? [pads[axis], pads[axis + 2]!] : [0, 0];
    const first = at * stride[axis] - pads[axis];
    const taps = Array.from({ length: kernel[axis] }, (_, tap) => first + tap * dilation[axis]);
    return taps.filter((tap) => tap >= -before && tap < size + after).length;
  };
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [y, x] = [Math.floor(i / columns), i % columns];
    return counted(y, 0, height) * counted(x, 1, width);
  });
}

/** Opset 17 has no dilated average: a depth-wise convolution with ones sums, then the counts divide. */
function writeDilatedAverage(out: OnnxEmitter, node: NodeOf<"avgPool">, x: string): string {
  const { attrs, name } = node;
  const [, channels = 1] = node.operands.input.type.shape;
  const [, , rows = 1, columns = 1] = node.results[0]!.type.shape;
  const ones = new Float32Array(channels * attrs.kernel[0] * attrs.kernel[1]).fill(1);
  const weight = out.floats("ones", [channels, 1, ...attrs.kernel], ones);
  const attributes = {
    ...attributesOf(attrs, padsRoundedDown(attrs, node)),
    dilations: { ints: attrs.dilation },
    group: { int: channels },
  };
  const sums = out.one("Conv", [x, weight], attributes, name);
  const counts = out.floats("counts", [1, 1, rows, columns], tapCounts(node));
  return out.one("Div", [sums, counts], {}, name);
}

/**
 * An average that counts padding gets it as real zeros from a `Pad`, so that the divisor never
 * counts what rounding up adds.
 */
export function writeAvgPool(out: OnnxEmitter, node: NodeOf<"avgPool">, x: string): string {
  const attrs: AvgPoolAttributes = node.attrs;
  if (attrs.dilation.some((step) => step > 1)) return writeDilatedAverage(out, node, x);
  const pads = padsRoundedDown(attrs, node);
  const [top, left, bottom, right] = attrs.pads;
  const padded = attrs.pads.some((side) => side > 0);
  if (!attrs.countIncludePad || !padded) {
    const attributes = { ...attributesOf(attrs, pads), count_include_pad: { int: 0 } };
    return out.one("AveragePool", [x], attributes, node.name);
  }
  const amounts = out.int64s("pads", [0, 0, top, left, 0, 0, bottom, right]);
  const zeros = out.one("Pad", [x, amounts], { mode: { string: "constant" } }, node.name);
  const rest: Sides = [0, 0, pads[2] - bottom, pads[3] - right];
  const attributes = { ...attributesOf(attrs, rest), count_include_pad: { int: 0 } };
  return out.one("AveragePool", [zeros], attributes, node.name);
}
