import { build, constantOf } from "../../ir/build.js";
import { constantNode } from "../../ir/constants.js";
import type { NodeOf, Value } from "../../ir/graph.js";
import type { Pair, Sides } from "../../ir/ops/conv.js";
import { inOrder } from "../../ir/order.js";
import { type StackShape, sideOf } from "../../numerics/stack.js";
import type { PassContext } from "../pass.js";
import { pays, predictAll } from "../structural-pass.js";
import { mostPaying } from "./most-paying.js";
import { withinLimits } from "./within-limits.js";

type Conv = NodeOf<"conv2d">;

/** A way to write a convolution as two with square kernels. */
export interface StackSplit {
  /** Of each group; its `step` is the stride of the first, which leaves the second with stride 1. */
  readonly shape: StackShape;
  readonly firstStride: Pair;
  readonly secondStride: Pair;
}

/** The kernels of a stack as they are stored, group after group, and the second's bias. */
export interface StackData {
  readonly width: number;
  /** `[groups · width, inputs, first, first]`. */
  readonly first: Float32Array;
  /** `[outputs, width, second, second]`. */
  readonly second: Float32Array;
  /** Undefined keeps the convolution's own. */
  readonly bias?: Float32Array | undefined;
}

/** Smaller kernels than this have no two smaller ones that reach as far and pay. */
const leastSide = 5;

/**
 * The ways to take a convolution with an odd square kernel apart: 3×3 first and the rest after it, at stride
 * s with the stride on the second; or on the first, whose k − 2s taps a side lie between steps of s:
 * 7×7 at stride 2 is 3×3 at stride 2, then 3×3. Empty for all others and those that end in an epilogue.
 */
export function stackSplits({ attrs, operands }: Conv): StackSplit[] {
  const [out = 0, inputs = 0, side = 0, width] = operands.weight.type.shape;
  const { stride, groups, epilogue } = attrs;
  const isOdd = side === width && side >= leastSide && side % 2 === 1;
  if (!isOdd || stride[0] !== stride[1] || epilogue.length > 0) return [];
  const sizes = { outputs: out / groups, inputs };
  const one: Pair = [1, 1];
  const late = { ...sizes, first: 3, second: side - 2, step: 1 };
  const splits: StackSplit[] = [{ shape: late, firstStride: one, secondStride: stride }];
  const first = side - 2 * stride[0];
  if (stride[0] > 1 && first >= 3) {
    const early = { ...sizes, first, second: 3, step: stride[0] };
    splits.unshift({ shape: early, firstStride: stride, secondStride: one });
  }
  return splits;
}

/**
 * Two convolutions in place of one: all its padding in front of the first, which has no bias, and none in
 * front of the second. So the second reads what a larger map would have held, borders are exact, and the
 * first computes the rows and columns that this takes. Both have the dilation of the one.
 */
export function buildStack(conv: Conv, split: StackSplit, data: StackData): Value {
  const { groups } = conv.attrs;
  const { outputs, inputs, first, second } = split.shape;
  const between = convolve(conv, "0", {
    input: conv.operands.input,
    shape: [groups * data.width, inputs, first, first],
    weight: data.first,
    bias: undefined,
    stride: split.firstStride,
    pads: conv.attrs.pads,
  });
  return convolve(conv, "1", {
    input: between,
    shape: [groups * outputs, data.width, second, second],
    weight: data.second,
    bias: data.bias
      ? constantOf([groups * outputs], data.bias, "parameter", named(conv, "1.bias"))
      : conv.operands.bias,
    stride: split.secondStride,
    pads: [0, 0, 0, 0],
  });
}

interface Stage {
  readonly input: Value;
  readonly shape: readonly number[];
  readonly weight: Float32Array;
  readonly bias: Value | undefined;
  readonly stride: Pair;
  readonly pads: Sides;
}

function convolve(conv: Conv, part: string, stage: Stage): Value {
  const { input, shape, bias, stride, pads } = stage;
  const role = constantNode(conv.operands.weight)?.attrs.role;
  const weight = constantOf(shape, stage.weight, role, named(conv, `${part}.weight`));
  const attrs = { ...conv.attrs, stride, pads, epilogue: [] };
  const origin = { ...named(conv, part), span: conv.span };
  return build("conv2d", { input, weight, bias, extras: [] }, attrs, origin);
}

const named = ({ name }: Conv, part: string): { name?: string } =>
  name ? { name: `${name}.${part}` } : {};

/** `7x7 = 3x3 · 5x5, width 8`. */
export function stackWords({ shape }: StackSplit, width: number): string {
  const side = sideOf(shape);
  const { first, second } = shape;
  return `${side}x${side} = ${first}x${first} · ${second}x${second}, width ${width}`;
}

/** The largest width at which a split is predicted to be faster than the convolution; 0 when none is. */
export function mostPayingWidth(conv: Conv, split: StackSplit, context: PassContext): number {
  const isFaster = (width: number): boolean => {
    const stack = withinLimits(() => emptyStack(conv, split, width));
    return stack !== undefined && pays([conv], stack, context);
  };
  const { outputs, inputs, first, second } = split.shape;
  const even =
    (outputs * inputs * sideOf(split.shape) ** 2) / (inputs * first ** 2 + outputs * second ** 2);
  return mostPaying(Math.max(2, 2 * Math.ceil(even)), isFaster);
}

/** Predicted milliseconds of a split of some width. */
export const stackMs = (conv: Conv, split: StackSplit, width: number, context: PassContext) =>
  predictAll(emptyStack(conv, split, width), context);

/** The nodes of a stack of zeros, of which only the sizes matter. */
function emptyStack(conv: Conv, split: StackSplit, width: number) {
  const { groups } = conv.attrs;
  const { outputs, inputs, first, second } = split.shape;
  const value = buildStack(conv, split, {
    width,
    first: new Float32Array(groups * width * inputs * first ** 2),
    second: new Float32Array(groups * outputs * width * second ** 2),
  });
  const { input, bias } = conv.operands;
  const kept = new Set([input.node, bias?.node]);
  return inOrder([value.node], (node) => kept.has(node));
}
