import { build } from "../ir/build.js";
import { dataOf, withData } from "../ir/constants.js";
import type { NodeOf, Value } from "../ir/graph.js";
import type { PassContext } from "./pass.js";
import { type Rewriting, structuralPass } from "./structural-pass.js";

/**
 * Makes a convolution whose kernel is block-diagonal a grouped one:
 *
 *   w[o, c] = 0 unless ⌊o · g / O⌋ = ⌊c · g / C⌋   ⇒   g groups
 *
 * Of all such g the one that is predicted to be fastest; with a group for each channel it is depth-wise.
 * Left alone when weights are only known at run time. Channels are not put into another order.
 */
export const splitGroups = structuralPass({
  name: "split-groups",
  summary: "make convolutions with block-diagonal kernels grouped ones",
  op: "conv2d",
  exactness: "rounding",
  find(conv, _, context): Rewriting | undefined {
    const links = linksOf(conv);
    const choices = links ? groupCounts(conv, links).map((groups) => grouped(conv, groups)) : [];
    const value = fastest(choices, context);
    if (value?.node.op !== "conv2d") return undefined;
    const { groups } = value.node.attrs;
    return {
      value,
      replaces: [conv],
      family: `${conv.attrs.groups} to ${groups} groups`,
      label: "rounding",
      weightError: 0,
      outputError: 0,
      reason: "its kernel is block-diagonal",
    };
  },
});

type Conv = NodeOf<"conv2d">;
type Shape4 = [number, number, number, number];

/** A pair of channels with a weight that is not zero. */
interface Link {
  readonly output: number;
  readonly input: number;
}

/** The first and the last input that each output reads; undefined when weights are not known. */
function linksOf({ operands, attrs }: Conv): Link[] | undefined {
  const data = dataOf(operands.weight);
  if (!data) return undefined;
  const [outputs, perGroup, kh, kw] = operands.weight.type.shape as Shape4;
  const taps = kh * kw;
  const outputsPerGroup = outputs / attrs.groups;
  return Array.from({ length: outputs }, (_, output) => {
    const row = data.subarray(output * perGroup * taps, (output + 1) * perGroup * taps);
    const first = row.findIndex((w) => w !== 0);
    if (first < 0) return [];
    const last = row.findLastIndex((w) => w !== 0);
    const start = Math.floor(output / outputsPerGroup) * perGroup;
    return [first, last].map((at) => ({ output, input: start + Math.floor(at / taps) }));
  }).flat();
}

/** All numbers of groups, more than now, that no weight crosses. */
function groupCounts({ operands, attrs }: Conv, links: readonly Link[]): number[] {
  const [outputs] = operands.weight.type.shape as Shape4;
  const inputs = operands.input.type.shape[1]!;
  const counts: number[] = [];
  for (let g = 2 * attrs.groups; g <= inputs; g += attrs.groups) {
    if (inputs % g !== 0 || outputs % g !== 0) continue;
    const isInside = ({ output, input }: Link): boolean =>
      Math.floor((output * g) / outputs) === Math.floor((input * g) / inputs);
    if (links.every(isInside)) counts.push(g);
  }
  return counts;
}

/** The convolution with more groups: of each row of the weight, the part of its own group. */
function grouped(conv: Conv, groups: number): Value {
  const [outputs, perGroup, kh, kw] = conv.operands.weight.type.shape as Shape4;
  const left = (perGroup * conv.attrs.groups) / groups;
  const old = dataOf(conv.operands.weight)!;
  const data = new Float32Array(outputs * left * kh * kw);
  const outputsPerGroup = outputs / groups;
  for (let output = 0; output < outputs; output++) {
    const first = (Math.floor(output / outputsPerGroup) * left) % perGroup;
    const from = (output * perGroup + first) * kh * kw;
    data.set(old.subarray(from, from + left * kh * kw), output * left * kh * kw);
  }
  const weight = withData(conv.operands.weight, data, [outputs, left, kh, kw]);
  return build("conv2d", { ...conv.operands, weight }, { ...conv.attrs, groups }, conv);
}

/** The value whose node is predicted to take the least time. */
const fastest = (values: readonly Value[], { predictMs }: PassContext): Value | undefined =>
  values.reduce<Value | undefined>(
    (best, value) => (best && predictMs(best.node) <= predictMs(value.node) ? best : value),
    undefined,
  );
