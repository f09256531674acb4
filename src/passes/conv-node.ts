import { build } from "../ir/build.js";
import { dataOf } from "../ir/constants.js";
import type { Node, NodeOf, Value } from "../ir/graph.js";
import type { Epilogue } from "../ir/ops/arithmetic.js";
import type { ConvOperands } from "../ir/ops/conv.js";

/** The operators that multiply by a weight, add a bias and end in an epilogue. */
export type ConvNode = NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">;

export const isConvNode = (node: Node): node is ConvNode =>
  node.op === "conv2d" || node.op === "deconv2d" || node.op === "linear";

/** A 1×1 convolution without padding, of any stride. */
export const isOnePixel = ({ operands, attrs }: NodeOf<"conv2d">): boolean =>
  operands.weight.type.shape.slice(2).every((size) => size === 1) &&
  attrs.pads.every((amount) => amount === 0);

/** A convolution that maps each pixel on its own. */
export const isPointwise = (node: NodeOf<"conv2d">): boolean =>
  isOnePixel(node) && node.attrs.stride.every((step) => step === 1);

/** The number of a node's output channels. */
export const outputChannels = (node: ConvNode): number => node.results[0]!.type.shape[1]!;

/** The bias as numbers, zeros when there is none; undefined when it is known only at run time. */
export function biasData(node: ConvNode): Float32Array | undefined {
  const { bias } = node.operands;
  return bias ? dataOf(bias) : new Float32Array(outputChannels(node));
}

/** The same operator with other operands, and another epilogue when one is given. */
export function withConvOperands(
  node: ConvNode,
  operands: ConvOperands,
  epilogue: Epilogue = node.attrs.epilogue,
): Value {
  switch (node.op) {
    case "conv2d":
      return build("conv2d", operands, { ...node.attrs, epilogue }, node);
    case "deconv2d":
      return build("deconv2d", operands, { ...node.attrs, epilogue }, node);
    case "linear":
      return build("linear", operands, { ...node.attrs, epilogue }, node);
  }
}
