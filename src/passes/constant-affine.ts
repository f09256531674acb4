import { dataOf } from "../ir/constants.js";
import type { NodeOf, Value } from "../ir/graph.js";
import { sameShape } from "../ir/types.js";
import type { ChannelAffine } from "./channel-affine.js";

/** A sum, difference, product or quotient with a constant, as what it does to the other operand. */
export interface ConstantAffine {
  readonly running: Value;
  readonly affine: ChannelAffine;
}

/**
 * The ways to see a binary node as `scale · running + shift` for each channel. None where no operand is
 * constant, where the constant differs within a channel or lets the result grow, and where it is divided by.
 */
export function constantAffines(node: NodeOf<"binary">): ConstantAffine[] {
  const { left, right } = node.operands;
  const ways: ConstantAffine[] = [];
  for (const [running, constant] of [
    [left, right],
    [right, left],
  ] as const) {
    const result = node.results[0]!;
    const numbers = perChannel(constant, result);
    if (!numbers || !sameShape(running.type.shape, result.type.shape)) continue;
    const affine = affineOf(node, numbers, constant === left);
    if (affine) ways.push({ running, affine });
  }
  return ways;
}

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
