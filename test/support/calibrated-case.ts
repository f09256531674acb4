import { evaluate } from "../../src/ir/evaluate.js";
import type { NodeOf, Value } from "../../src/ir/graph.js";
import { buildFactors } from "../../src/passes/factor/build-factors.js";
import type { FittedFactors, Met } from "../../src/passes/factor/calibrated-fit.js";
import { factorData } from "../../src/passes/factor/factor-data.js";
import type { Family } from "../../src/passes/factor/families.js";
import { type Moments, momentsOf } from "../../src/passes/grants/moments.js";
import * as g from "./graphs.js";
import { noise, random } from "./noise.js";

/** The convolution that a value is of, with its numbers and the moments of what it reads. */
export function metOf(value: Value, inputs: readonly Float32Array[]): Met {
  const conv = convOf(value);
  const moments = momentsOf(conv, inputs);
  if (!moments) throw new Error("no moments");
  return withMoments(conv, moments);
}

/** The convolution with other moments. */
export function withMoments(conv: NodeOf<"conv2d">, moments: Moments): Met {
  const { weight, bias } = conv.operands;
  if (weight.node.op !== "constant") throw new Error("a weight is no constant");
  const outputs = weight.type.shape[0]!;
  const own = bias?.node.op === "constant" ? bias.node.attrs.data : new Float32Array(outputs);
  return { conv, weight: weight.node.attrs.data, bias: own, moments };
}

export function convOf({ node }: Value): NodeOf<"conv2d"> {
  if (node.op !== "conv2d") throw new Error("no convolution");
  return node;
}

/** What factors become in a graph. */
export const asGraphValue = (
  { conv }: Met,
  family: Family,
  { factors, bias }: Pick<FittedFactors, "factors"> & { readonly bias?: Float32Array },
): Value => buildFactors(conv, family, factors.rank, factorData(conv, family, factors, bias));

/** All outputs of a value for each input `x`, one after the other. */
export const outputsOf = (value: Value, inputs: readonly Float32Array[]): number[] =>
  inputs.flatMap((x) => [
    ...[...evaluate(g.returns(value), new Map([["x", x]])).values()][0]!.data,
  ]);

/** Slow waves that a few patterns of channels share, a little noise, and a mean that is not zero. */
export function smoothImage(channels: number, side: number, seed: number): Float32Array {
  const patterns = 3;
  const mix = noise(patterns * channels, 99);
  const next = random(seed);
  const waves = Array.from({ length: patterns }, () => [next() - 0.5, next() - 0.5, 6 * next()]);
  const grain = noise(channels * side * side, seed + 500, -0.1, 0.1);
  return grain.map((speck, at) => {
    const [c, place] = [Math.floor(at / side ** 2), at % side ** 2];
    const [y, x] = [Math.floor(place / side), place % side];
    const sum = waves.reduce(
      (total, [fy, fx, phase], p) =>
        total + mix[c * patterns + p]! * Math.cos(fy! * y + fx! * x + phase!),
      0.5,
    );
    return sum + speck;
  });
}
