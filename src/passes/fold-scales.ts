import { dataOf } from "../ir/constants.js";
import type { NodeOf, Value } from "../ir/graph.js";
import { defineRule } from "../ir/rewrite.js";
import { sameShape } from "../ir/types.js";
import type { ChannelAffine } from "./channel-affine.js";
import { isConvNode } from "./conv-node.js";
import { rulePass } from "./pass.js";
import { scaleOutputs } from "./scale-outputs.js";

/**
 * Folds a sum, difference, product or quotient with a constant, one number or one a channel, into the
 * convolution or matrix product that feeds it:
 *
 *   k · (conv(x, w) + b)  =  conv(x, k·w) + k·b,     conv(x, w) + b + k  =  conv(x, w) + (b + k)
 *
 * Left alone when the convolution has another reader, when the constant differs within a channel or
 * lets the result grow, or when a product is too large for float32.
 */
export const foldScales = rulePass(
  "fold sums and products with constants into the convolution before them",
  defineRule({
    name: "fold-scales",
    op: "binary",
    exactness: "rounding",
    apply(node, uses) {
      const { left, right } = node.operands;
      for (const [running, constant] of [
        [left, right],
        [right, left],
      ] as const) {
        const conv = running.node;
        if (!isConvNode(conv) || uses(running) > 1) continue;
        const numbers = perChannel(constant, node.results[0]!);
        if (!numbers || !sameShape(running.type.shape, node.results[0]!.type.shape)) continue;
        const affine = affineOf(node, numbers, constant === left);
        return affine && scaleOutputs(conv, affine);
      }
      return undefined;
    },
  }),
);

/** A constant as one number for each channel of a result; undefined when it differs within one. */
function perChannel(constant: Value, result: Value): Float64Array | undefined {
  const data = dataOf(constant);
  const [, channels = 1] = result.type.shape;
  const { shape } = constant.type;
  const first = result.type.shape.length - shape.length;
  const isPlain = shape.every((size, axis) => size === 1 || axis + first === 1);
  if (!data || !isPlain) return undefined;
  return Float64Array.from({ length: channels }, (_, c) => data[data.length === 1 ? 0 : c]!);
}

/** What a node does to a running value, given its constant operand and the side that stands on. */
function affineOf(
  { attrs }: NodeOf<"binary">,
  numbers: Float64Array,
  isLeft: boolean,
): ChannelAffine | undefined {
  const ones = numbers.map(() => 1);
  const zeros = numbers.map(() => 0);
  if (attrs.fn === "add") return { scale: ones, shift: numbers };
  if (attrs.fn === "mul") return { scale: numbers, shift: zeros };
  if (attrs.fn === "sub" && isLeft) return { scale: ones.map((x) => -x), shift: numbers };
  if (attrs.fn === "sub") return { scale: ones, shift: numbers.map((x) => -x) };
  if (attrs.fn === "div" && !isLeft) return { scale: numbers.map((x) => 1 / x), shift: zeros };
  return undefined;
}
