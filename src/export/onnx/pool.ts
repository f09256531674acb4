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

export function writeMaxPool(out: OnnxEmitter, node: NodeOf<"maxPool">, x: string): string {
  const { attrs } = node;
  const attributes = attributesOf(attrs, padsRoundedDown(attrs, node));
  return out.one("MaxPool", [x], { ...attributes, dilations: { ints: attrs.dilation } }, node.name);
}

/**
 * An average that counts padding gets it as real zeros from a `Pad`, so that the divisor never
 * counts what rounding up adds.
 */
export function writeAvgPool(out: OnnxEmitter, node: NodeOf<"avgPool">, x: string): string {
  const attrs: AvgPoolAttributes = node.attrs;
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
