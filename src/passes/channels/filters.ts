import { dataOf } from "../../ir/constants.js";
import type { Node } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import { biasData, type ConvNode, isConvNode, outputChannels } from "../conv-node.js";
import {
  constantIn,
  exactly,
  type Facts,
  hull,
  isZero,
  type Range,
  times,
  unknown,
  widened,
  zero,
} from "./range.js";

/** A convolution or matrix product seen as filters: one for each output channel, of taps for each input channel. */
export interface Filters {
  readonly node: ConvNode;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly groups: number;
  readonly inputsPerGroup: number;
  readonly outputsPerGroup: number;
  /** Weights that connect one input channel with one output channel. */
  readonly taps: number;
  /** Whether some outputs see fewer taps than others: at padding, or between those of a transposed one. */
  readonly isPadded: boolean;
}

/**
 * A node's filters; undefined when it is no convolution or matrix product, ends in an epilogue, or has
 * weights that are only known at run time, infinite or no numbers.
 */
export function filtersOf(node: Node): Filters | undefined {
  if (!isConvNode(node)) return undefined;
  if (!known.has(node)) known.set(node, readFilters(node));
  return known.get(node);
}

/** Weights are long and nodes never change: each is looked at once. */
const known = new WeakMap<ConvNode, Filters | undefined>();

function readFilters(node: ConvNode): Filters | undefined {
  if (node.attrs.epilogue.length > 0) return undefined;
  const [weight, bias] = [dataOf(node.operands.weight), biasData(node)];
  if (!weight || !bias || !areFinite(weight) || !areFinite(bias)) return undefined;
  const groups = node.op === "linear" ? 1 : node.attrs.groups;
  const inputs = node.operands.input.type.shape[1]!;
  return {
    node,
    weight,
    bias,
    groups,
    inputsPerGroup: inputs / groups,
    outputsPerGroup: outputChannels(node) / groups,
    taps: sizeOf(node.operands.weight.type.shape.slice(2)),
    isPadded:
      node.op === "deconv2d" || (node.op === "conv2d" && node.attrs.pads.some((n) => n > 0)),
  };
}

/** A plain loop without a branch, because weights are long. */
function areFinite(data: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += data[at]! * 0;
  return sum === 0;
}

/** Where the taps between an output channel and the `k`-th input channel of its group begin. */
export function tapsAt(filters: Filters, output: number, k: number): number {
  const { node, taps, inputsPerGroup, outputsPerGroup } = filters;
  if (node.op !== "deconv2d") return (output * inputsPerGroup + k) * taps;
  const group = Math.floor(output / outputsPerGroup);
  const row = group * inputsPerGroup + k;
  return (row * outputsPerGroup + (output % outputsPerGroup)) * taps;
}

/** Whether all taps between two channels are zero. */
export function isUnconnected(filters: Filters, output: number, k: number): boolean {
  const from = tapsAt(filters, output, k);
  for (let at = from; at < from + filters.taps; at++) if (filters.weight[at] !== 0) return false;
  return true;
}

/** The sum of the taps between two channels. */
export function sumOfTaps(filters: Filters, output: number, k: number): number {
  const from = tapsAt(filters, output, k);
  let sum = 0;
  for (let at = from; at < from + filters.taps; at++) sum += filters.weight[at]!;
  return sum;
}

/** What is known of each output channel, given what is known of the input's. */
export const filterRanges = (filters: Filters, input: Facts): Facts =>
  Array.from(filters.bias, (_, output) => rangeOf(filters, output, input));

/** `b + Σ w·[low, high]`: a tap takes the end that its sign asks for, and 0 too where it may meet padding. */
function rangeOf(filters: Filters, output: number, input: Facts): Range {
  const bias = filters.bias[output]!;
  const first = Math.floor(output / filters.outputsPerGroup) * filters.inputsPerGroup;
  let [low, high, lowTerms, highTerms] = [bias, bias, Math.abs(bias), Math.abs(bias)];
  let isExact = true;
  for (let k = 0; k < filters.inputsPerGroup; k++) {
    const inside = input[first + k]!;
    if (isZero(inside)) continue;
    const range = filters.isPadded ? hull(inside, zero) : inside;
    const [below, above] = signedSums(filters, output, k);
    if (below === 0 && above === 0) continue;
    if (constantIn(range) === undefined) isExact = false;
    const least = times(above, range.low) + times(below, range.high);
    const most = times(above, range.high) + times(below, range.low);
    low += least;
    high += most;
    if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return unknown;
    lowTerms += finite(Math.abs(times(above, range.low)) + Math.abs(times(below, range.high)));
    highTerms += finite(Math.abs(times(above, range.high)) + Math.abs(times(below, range.low)));
  }
  return isExact ? exactly(low) : widened({ low, high }, lowTerms, highTerms);
}

const finite = (terms: number): number => (Number.isFinite(terms) ? terms : 0);

/** The sums of the negative and of the positive taps between two channels. */
function signedSums(filters: Filters, output: number, k: number): readonly [number, number] {
  const { weight, taps } = filters;
  const from = tapsAt(filters, output, k);
  let [below, above] = [0, 0];
  for (let at = from; at < from + taps; at++) {
    const w = weight[at]!;
    if (w < 0) below += w;
    else above += w;
  }
  return [below, above];
}
