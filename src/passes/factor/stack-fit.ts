import type { NodeOf } from "../../ir/graph.js";
import { biasCorrection, refit, shrink, variance } from "../../numerics/calibrated.js";
import { type Matrix, matrixOf, normOf, relativeError } from "../../numerics/matrix.js";
import {
  composeStack,
  factorStack,
  type Stack,
  type StackSearch,
  type StackShape,
  sideOf,
} from "../../numerics/stack.js";
import { biasData } from "../conv-node.js";
import type { GroupMoments, Moments } from "../grants/moments.js";
import type { StackData, StackSplit } from "./stack-split.js";

/** Kernels that are close to a convolution's own, and how close. */
export interface FittedStack {
  readonly data: StackData;
  /** |W' − W| / |W| for the kernel that they make as they are stored. */
  readonly weightError: number;
  /** The same; with moments the relative L2 error that they predict of the output. */
  readonly error: number;
}

/** Factors may be this much larger than the kernel: rounding grows with them. */
const mostAmplification = 100;

/**
 * The closest stack that is found, all groups of one width. With moments the second kernel is then fitted to
 * what the convolution reads, and its bias keeps the mean. Undefined where factors are too large.
 */
export function fitStack(
  conv: NodeOf<"conv2d">,
  weight: Float32Array,
  { shape }: StackSplit,
  search: StackSearch,
  moments?: Moments,
): FittedStack | undefined {
  const { groups } = conv.attrs;
  const bias = biasData(conv);
  if (!bias) return undefined;
  const fitted: GroupStack[] = [];
  for (let group = 0; group < groups; group++) {
    const own = weight.subarray(
      (group * weight.length) / groups,
      ((group + 1) * weight.length) / groups,
    );
    const stack = factorStack(own, shape, search);
    if (!stack) return undefined;
    const from = group * shape.outputs;
    const ownBias = bias.subarray(from, from + shape.outputs);
    const result = fitGroup(own, ownBias, shape, stack, moments?.groups[group]);
    if (!result) return undefined;
    fitted.push(result);
  }
  const composed = joined(fitted.map(({ kernel }) => kernel));
  const [shown, all] = [sum(fitted, "shown"), sum(fitted, "all")];
  const weightError = relativeError(composed, weight);
  return {
    data: {
      width: search.width,
      first: joined(fitted.map(({ first }) => first)),
      second: joined(fitted.map(({ second }) => second)),
      bias: moments && joined(fitted.map((group) => group.bias)),
    },
    weightError,
    error: moments ? Math.sqrt(shown / (all || 1)) : weightError,
  };
}

interface GroupStack {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly bias: Float32Array;
  readonly kernel: Float64Array;
  /** With moments: the mean squares of the error and of the output. */
  readonly shown: number;
  readonly all: number;
}

function fitGroup(
  weight: Float32Array,
  bias: Float32Array,
  shape: StackShape,
  stack: Stack,
  moments: GroupMoments | undefined,
): GroupStack | undefined {
  const first = Float32Array.from(stack.first);
  const before = asMatrix(weight, shape.outputs);
  const last =
    moments && refit(before, featuresOf(first, shape, stack.width), shrink(moments.covariance));
  const second = Float32Array.from(last?.data ?? stack.second);
  const kernel = composeStack(
    { width: stack.width, first: Float64Array.from(first), second: Float64Array.from(second) },
    shape,
  );
  const lengths = normOf(Float64Array.from(first)) * normOf(Float64Array.from(second));
  if (!(lengths <= mostAmplification * normOf(Float64Array.from(weight)))) return undefined;
  if (!moments) return { first, second, bias, kernel, shown: 0, all: 0 };
  const after = asMatrix(kernel, shape.outputs);
  const nothing = matrixOf(after.rows, after.columns);
  const gained = biasCorrection(before, after, moments.mean);
  const means = biasCorrection(before, nothing, moments.mean);
  const difference = { ...after, data: after.data.map((x, at) => x - before.data[at]!) };
  return {
    first,
    second,
    bias: bias.map((x, o) => x + gained[o]!),
    kernel,
    shown: Math.max(0, variance(difference, moments.covariance)),
    all:
      variance(before, moments.covariance) + means.reduce((s, x, o) => s + (x + bias[o]!) ** 2, 0),
  };
}

const asMatrix = (kernel: ArrayLike<number>, outputs: number): Matrix =>
  matrixOf(outputs, kernel.length / outputs, kernel);

/** What the second convolution reads, as sums over the patch of the one: `[width · second², inputs · side²]`. */
function featuresOf(first: Float32Array, shape: StackShape, width: number): Matrix {
  const taps = shape.second ** 2;
  const features = matrixOf(width * taps, shape.inputs * sideOf(shape) ** 2);
  const numbers = Float64Array.from(first);
  for (let row = 0; row < features.rows; row++) {
    const second = new Float64Array(features.rows);
    second[row] = 1;
    const one = composeStack({ width, first: numbers, second }, { ...shape, outputs: 1 });
    features.data.set(one, row * features.columns);
  }
  return features;
}

const sum = (groups: readonly GroupStack[], part: "shown" | "all"): number =>
  groups.reduce((total, group) => total + group[part], 0);

function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
