import { build, constantOf } from "../../ir/build.js";
import { dataOf } from "../../ir/constants.js";
import type { NodeOf } from "../../ir/graph.js";
import { biasCorrection, shrink } from "../../numerics/calibrated.js";
import { eigenSymmetric } from "../../numerics/eigen.js";
import { type Matrix, matrixOf, multiply, normOf, transpose } from "../../numerics/matrix.js";
import { biasData } from "../conv-node.js";
import type { PassContext } from "../pass.js";
import { predictAll, type Refusal, type Rewriting } from "../structural-pass.js";
import type { GroupMoments, Moments } from "./moments.js";

/** A share of the output's variance that is nothing but rounding. */
const rounding = 1e-12;

/**
 * A convolution as one to fewer channels and a 1×1 convolution to all, for what moments say that it meets:
 *
 *   K = U · Uᵀ · W,  U the first eigenvectors of W · C · Wᵀ,   b' = b + (W − K) · μ
 *
 * which no kernel of the rank comes closer than in the mean (Zhang and others 2015). The moments are shrunk, since
 * their samples are few, unless the output has no more dimensions than the rank. Groups are left alone.
 */
export function fitPointwise(
  conv: NodeOf<"conv2d">,
  tolerance: number,
  moments: Moments,
): Rewriting | Refusal {
  const weight = dataOf(conv.operands.weight);
  const bias = biasData(conv);
  const [met] = moments.groups;
  if (!weight || !bias || !met || moments.groups.length > 1 || conv.attrs.epilogue.length > 0) {
    return { refused: "only plain convolutions of one group are fitted to data" };
  }
  const [outputs = 1] = conv.operands.weight.type.shape;
  const kernel = matrix(outputs, Float64Array.from(weight));
  const basis = basisFor(kernel, Float64Array.from(bias), met, tolerance);
  const rank = basis.rows;
  if (rank >= outputs) return { refused: `its output needs all ${outputs} channels` };
  const first = Float32Array.from(multiply(basis, kernel).data);
  const second = Float32Array.from(transpose(basis).data);
  const closest = multiply(matrix(outputs, Float64Array.from(second)), matrix(rank, first));
  const gain = biasCorrection(kernel, closest, met.mean);
  const corrected = bias.map((b, o) => b + gain[o]!);
  const value = buildPair(conv, first, second, corrected);
  const [kh, kw] = conv.operands.weight.type.shape.slice(2);
  return {
    value,
    replaces: [conv],
    family: `${kh}x${kw} = ${kh}x${kw} · 1x1, rank ${rank}, fitted to data`,
    label: "approximate",
    weightError: distance(closest, kernel),
    outputError: Number.NaN,
    reason: `its output on the examples is close to ${rank} of ${outputs} dimensions`,
  };
}

/** The faster of two findings; the first where only it is one, or neither. */
export function faster(
  one: Rewriting | Refusal,
  other: Rewriting | Refusal,
  context: PassContext,
): Rewriting | Refusal {
  if ("refused" in other) return one;
  if ("refused" in one) return other;
  return msOf(other, context) < msOf(one, context) ? other : one;
}

/** Predicted milliseconds of a finding's convolutions, one reading the other. */
function msOf({ value }: Rewriting, context: PassContext): number {
  const { node } = value;
  const before = node.op === "conv2d" ? [node.operands.input.node] : [];
  return predictAll([node, ...before.filter(({ op }) => op === "conv2d")], context);
}

const matrix = (rows: number, data: Float32Array | Float64Array): Matrix =>
  matrixOf(rows, data.length / rows, data);

/** Uᵀ: the fewest directions of the output outside of which its error is within the tolerance. */
function basisFor(
  kernel: Matrix,
  bias: Float64Array,
  { mean, covariance }: GroupMoments,
  tolerance: number,
): Matrix {
  const directions = (of: Matrix) =>
    eigenSymmetric(multiply(multiply(kernel, of), transpose(kernel)));
  const plain = directions(covariance);
  const centre = multiply(kernel, matrix(mean.length, mean)).data;
  const variance = plain.values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const size = centre.reduce((sum, y, o) => sum + (y + bias[o]!) ** 2, variance);
  const allowed = tolerance ** 2 * size;
  const rank = rankWithin(plain.values, allowed);
  const rest = plain.values.slice(rank).reduce((sum, value) => sum + Math.max(0, value), 0);
  const { vectors } = rest <= rounding * variance ? plain : directions(shrink(covariance));
  const columns = kernel.rows;
  return { rows: rank, columns, data: vectors.data.slice(0, rank * columns) };
}

/** How many of descending values must be kept so that the others sum up to no more than allowed; at least 1. */
function rankWithin(values: ArrayLike<number>, allowed: number): number {
  let [rank, rest] = [values.length, 0];
  while (rank > 1) {
    rest += Math.max(0, values[rank - 1]!);
    if (rest > allowed) break;
    rank--;
  }
  return rank;
}

/** |K − W| / |W|. */
function distance(actual: Matrix, expected: Matrix): number {
  const apart = actual.data.map((x, at) => x - expected.data[at]!);
  return normOf(apart) / (normOf(expected.data) || 1);
}

function buildPair(
  conv: NodeOf<"conv2d">,
  first: Float32Array,
  second: Float32Array,
  bias: Float32Array,
) {
  const { operands, attrs, name, span } = conv;
  const [outputs = 1, inputs = 1, kh = 1, kw = 1] = operands.weight.type.shape;
  const rank = second.length / outputs;
  const named = (part: string) => ({ name: name ? `${name}.${part}` : part, span });
  const constant = (shape: readonly number[], data: Float32Array, part: string) =>
    constantOf(shape, data, "parameter", named(part));
  const few = build(
    "conv2d",
    {
      input: operands.input,
      weight: constant([rank, inputs, kh, kw], first, "0.weight"),
      bias: undefined,
      extras: [],
    },
    attrs,
    named("0"),
  );
  const plain = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
  return build(
    "conv2d",
    {
      input: few,
      weight: constant([outputs, rank, 1, 1], second, "1.weight"),
      bias: constant([outputs], bias, "1.bias"),
      extras: [],
    },
    { ...plain, epilogue: [] },
    named("1"),
  );
}
