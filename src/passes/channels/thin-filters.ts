import { InternalError } from "../../diagnostics/report.js";
import { build, constantOf } from "../../ir/build.js";
import { withData } from "../../ir/constants.js";
import type { Value } from "../../ir/graph.js";
import { type ConvNode, withConvOperands } from "../conv-node.js";
import { type Filters, isUnconnected, sumOfTaps, tapsAt } from "./filters.js";
import type { StandIn } from "./reads.js";

/** Channels that stay, ascending. */
export interface Kept {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** What a channel that goes leaves behind in another one's weights. */
interface Share {
  readonly channel: number;
  readonly times: number;
}

/**
 * A convolution or matrix product between fewer channels. What it read of input channels that are gone
 * comes from their stand-ins. Undefined when a number becomes too large for float32.
 */
export function thinFilters(
  filters: Filters,
  input: Value,
  kept: Kept,
  standIns: readonly (StandIn | undefined)[],
): Value | undefined {
  const { node } = filters;
  const groups = groupsLeft(filters, kept);
  const inputsPerGroup = kept.inputs.length / groups;
  const outputsPerGroup = kept.outputs.length / groups;
  const gone = goneChannels(filters, kept);
  const shares = sharesOf(gone, standIns);
  const thin = new Float32Array(kept.outputs.length * inputsPerGroup * filters.taps);
  const bias = Float32Array.from(kept.outputs, (output, at) => {
    const group = Math.floor(at / outputsPerGroup);
    const channels = kept.inputs.slice(group * inputsPerGroup, (group + 1) * inputsPerGroup);
    channels.forEach((channel, k) => {
      const to = placeOf(filters, at, k, { group, inputsPerGroup, outputsPerGroup });
      const from = tapsAt(filters, output, channel % filters.inputsPerGroup);
      thin.set(filters.weight.subarray(from, from + filters.taps), to);
      const others = shares.get(channel);
      if (others) addTaps(filters, output, [{ channel, times: 1 }, ...others], thin, to);
    });
    return filters.bias[output]! + leftInBias(filters, output, gone, standIns);
  });
  if (!thin.every(Number.isFinite) || !bias.every(Number.isFinite)) return undefined;
  const operands = {
    ...node.operands,
    input,
    weight: withData(node.operands.weight, thin, shapeOf(filters, kept, groups)),
    bias: biasOf(node, bias),
  };
  return withGroups(node, operands, groups);
}

/** Groups of which something stays. */
function groupsLeft({ groups, outputsPerGroup }: Filters, { outputs }: Kept): number {
  if (groups === 1) return 1;
  return new Set(outputs.map((output) => Math.floor(output / outputsPerGroup))).size;
}

function goneChannels({ groups, inputsPerGroup }: Filters, { inputs }: Kept): number[] {
  const stays = new Set(inputs);
  return Array.from({ length: groups * inputsPerGroup }, (_, channel) => channel).filter(
    (channel) => !stays.has(channel),
  );
}

/** By channel, the channels that it stands in for. */
function sharesOf(
  gone: readonly number[],
  standIns: readonly (StandIn | undefined)[],
): ReadonlyMap<number, readonly Share[]> {
  const shares = new Map<number, Share[]>();
  for (const channel of gone) {
    const standIn = standIns[channel];
    if (standIn?.kind !== "channel") continue;
    const share = { channel, times: standIn.times };
    shares.set(standIn.channel, [...(shares.get(standIn.channel) ?? []), share]);
  }
  return shares;
}

/** Where the taps between the new channels begin. */
function placeOf(
  { node, taps }: Filters,
  output: number,
  k: number,
  sizes: { group: number; inputsPerGroup: number; outputsPerGroup: number },
): number {
  const { group, inputsPerGroup, outputsPerGroup } = sizes;
  if (node.op !== "deconv2d") return (output * inputsPerGroup + k) * taps;
  const row = group * inputsPerGroup + k;
  return (row * outputsPerGroup + (output % outputsPerGroup)) * taps;
}

/** Sums the taps of channels, each times its number, in float64. */
function addTaps(
  filters: Filters,
  output: number,
  shares: readonly Share[],
  into: Float32Array,
  to: number,
): void {
  const { weight, taps, inputsPerGroup } = filters;
  const froms = shares.map(({ channel }) => tapsAt(filters, output, channel % inputsPerGroup));
  for (let tap = 0; tap < taps; tap++) {
    let sum = 0;
    for (let i = 0; i < froms.length; i++) sum += weight[froms[i]! + tap]! * shares[i]!.times;
    into[to + tap] = sum;
  }
}

/** What input channels that are gone add to an output everywhere. */
function leftInBias(
  filters: Filters,
  output: number,
  gone: readonly number[],
  standIns: readonly (StandIn | undefined)[],
): number {
  const { node, inputsPerGroup, outputsPerGroup } = filters;
  const group = Math.floor(output / outputsPerGroup);
  let sum = 0;
  for (const channel of gone) {
    if (Math.floor(channel / inputsPerGroup) !== group) continue;
    const [standIn, k] = [standIns[channel], channel % inputsPerGroup];
    if (standIn?.kind === "bias") {
      if (standIn.value !== 0) sum += standIn.value * sumOfTaps(filters, output, k);
    } else if (!standIn && !isUnconnected(filters, output, k)) {
      throw new InternalError(`${node.op} ${node.name} reads channel ${channel}, which is gone`);
    }
  }
  return sum;
}

function shapeOf({ node }: Filters, { inputs, outputs }: Kept, groups: number): readonly number[] {
  const window = node.operands.weight.type.shape.slice(2);
  return node.op === "deconv2d"
    ? [inputs.length, outputs.length / groups, ...window]
    : [outputs.length, inputs.length / groups, ...window];
}

/** The bias with other numbers; none where there was none and none is needed. */
export function biasOf({ operands, name, span }: ConvNode, data: Float32Array): Value | undefined {
  if (operands.bias) return withData(operands.bias, data, [data.length]);
  if (data.every((x) => x === 0)) return undefined;
  const origin = { name: name ? `${name}.bias` : "", span };
  return constantOf([data.length], data, "parameter", origin);
}

function withGroups(node: ConvNode, operands: ConvNode["operands"], groups: number): Value {
  switch (node.op) {
    case "conv2d":
      return build("conv2d", operands, { ...node.attrs, groups }, node);
    case "deconv2d":
      return build("deconv2d", operands, { ...node.attrs, groups }, node);
    case "linear":
      return withConvOperands(node, operands);
  }
}
