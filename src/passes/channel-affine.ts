import { constantOf } from "../ir/build.js";
import { dataOf, withData } from "../ir/constants.js";
import type { NodeOf, Value } from "../ir/graph.js";
import type { ConvNode } from "./conv-node.js";

/** `scale · x + shift` for each channel, in float64. */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/**
 * A batch norm as an affine function: `s = γ / √(σ² + ε)`, `β − μ·s`. Undefined when one of its
 * parameters is only known at run time.
 */
export function affineOf({ operands, attrs }: NodeOf<"batchNorm">): ChannelAffine | undefined {
  const gamma = dataOf(operands.gamma);
  const beta = dataOf(operands.beta);
  const mean = dataOf(operands.mean);
  const variance = dataOf(operands.variance);
  if (!gamma || !beta || !mean || !variance) return undefined;
  const scale = Float64Array.from(variance, (v, c) => gamma[c]! / Math.sqrt(v + attrs.epsilon));
  return { scale, shift: scale.map((s, c) => beta[c]! - mean[c]! * s) };
}

/** Numbers as float32; undefined when one is too large for it or no number. */
export const asFloat32 = (data: Float64Array): Float32Array | undefined =>
  allFinite(Float32Array.from(data));

/**
 * A weight with each row of `length` numbers multiplied by its own factor; undefined when a product
 * is too large for float32.
 */
export function scaleRows(
  weight: Float32Array,
  length: number,
  factorOf: (row: number) => number,
): Float32Array | undefined {
  const scaled = new Float32Array(weight.length);
  for (let row = 0, at = 0; at < weight.length; row++) {
    const factor = factorOf(row);
    for (const end = at + length; at < end; at++) scaled[at] = weight[at]! * factor;
  }
  return allFinite(scaled);
}

/**
 * The numbers, unless one of them is infinite or none: zero times it is NaN, and so is the sum then.
 * A plain loop without a branch, because weights are long.
 */
function allFinite(data: Float32Array): Float32Array | undefined {
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += data[at]! * 0;
  return sum === 0 ? data : undefined;
}

/** A node's weight and bias with other numbers; a bias that was not there is named after the node. */
export function newWeights(
  { operands, name, span }: ConvNode,
  weight: Float32Array,
  bias: Float32Array,
): { readonly weight: Value; readonly bias: Value } {
  const origin = { name: name ? `${name}.bias` : "", span };
  return {
    weight: withData(operands.weight, weight),
    bias: operands.bias
      ? withData(operands.bias, bias)
      : constantOf([bias.length], bias, "parameter", origin),
  };
}
