import { build, buildNode, constantOf } from "../../ir/build.js";
import { dataOf, isConstant, withData } from "../../ir/constants.js";
import type { Node, NodeOf, Value } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import { withOperands } from "../../ir/rewrite.js";
import { sameShape, sizeOf } from "../../ir/types.js";
import type { CopiesOf } from "./copies.js";
import type { FactsOf } from "./facts.js";
import { filtersOf } from "./filters.js";
import { fixedOperand } from "./fixed-operand.js";
import { channelAxisIn, channelsOf } from "./flow.js";
import { constantIn } from "./range.js";
import { standInsOf } from "./reads.js";
import { thinFilters } from "./thin-filters.js";
import { weakened } from "./weaken.js";

/** What a node is rebuilt in: values of the new graph, and what is known of the old one's. */
export interface Surroundings {
  /** What stands in place of a value. */
  now(value: Value): Value;
  /** The channels of an old value that stay, ascending. */
  kept(value: Value): readonly number[];
  readonly facts: FactsOf;
  readonly copies: CopiesOf;
}

/** The new results, among them those of the old node when it stays; undefined when there can be none. */
type Rebuild<K extends OpName> = (
  node: NodeOf<K>,
  around: Surroundings,
) => readonly Value[] | undefined;

/** A constant with some of its indices along an axis; the same when those are all. */
export function taken(value: Value, axis: number, indices: readonly number[]): Value {
  const data = dataOf(value);
  const { shape } = value.type;
  if (!data || indices.length === shape[axis]) return value;
  const [inner, count] = [sizeOf(shape.slice(axis + 1)), shape[axis]!];
  const outer = sizeOf(shape.slice(0, axis));
  const parts = new Float32Array(outer * indices.length * inner);
  for (let row = 0; row < outer; row++) {
    indices.forEach((index, at) => {
      const from = (row * count + index) * inner;
      parts.set(data.subarray(from, from + inner), (row * indices.length + at) * inner);
    });
  }
  return withData(
    value,
    parts,
    shape.map((size, at) => (at === axis ? indices.length : size)),
  );
}

const isWhole = (value: Value, { kept }: Surroundings): boolean =>
  kept(value).length === channelsOf(value);

/** The same operator with the same attributes, on what its operands are now. */
const alike = (node: Node, { now }: Surroundings): readonly Value[] =>
  withOperands(node, now).results;

function filtered(
  node: NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">,
  around: Surroundings,
): readonly Value[] | undefined {
  const filters = filtersOf(node);
  const { input } = node.operands;
  const [result] = node.results;
  if (!filters || !result) return alike(node, around);
  if (isWhole(input, around) && isWhole(result, around)) return alike(node, around);
  const standIns = standInsOf(filters, around.facts(input), around.copies(input));
  const kept = { inputs: around.kept(input), outputs: around.kept(result) };
  const thin = thinFilters(filters, around.now(input), kept, standIns);
  return thin && [thin];
}

function unary(node: NodeOf<"unary">, around: Surroundings): readonly Value[] {
  const fn = weakened(node, around.facts);
  const input = around.now(node.operands.input);
  if (!fn) return [input];
  return fn === node.attrs.fn ? alike(node, around) : [build("unary", { input }, { fn }, node)];
}

function binary(node: NodeOf<"binary">, around: Surroundings): readonly Value[] {
  const result = node.results[0]!;
  const fixed = fixedOperand(node, around.facts);
  const operand = (value: Value): Value => {
    if (value === fixed) return asConstant(value, result, around);
    return isConstant(value) ? alongResult(value, result, around) : around.now(value);
  };
  const { left, right } = node.operands;
  const [newLeft, newRight] = [operand(left), operand(right)];
  if (newLeft === left && newRight === right) return node.results;
  return [build("binary", { left: newLeft, right: newRight }, node.attrs, node)];
}

/** A value that is one number in each channel, as a constant for the channels of a result. */
function asConstant(value: Value, result: Value, { facts, kept }: Surroundings): Value {
  const numbers = facts(value).map((range) => constantIn(range) ?? 0);
  const channels = numbers.length === 1 ? [0] : kept(result);
  const shape = result.type.shape.map((_, axis) => (axis === 1 ? channels.length : 1));
  return constantOf(
    shape,
    Float32Array.from(channels, (channel) => numbers[channel]!),
  );
}

/** A constant that broadcasts to a result, without the result's channels that are gone. */
function alongResult(value: Value, result: Value, { kept }: Surroundings): Value {
  const axis = channelAxisIn(value.type.shape, result.type.shape.length);
  const isAlong = axis >= 0 && value.type.shape[axis] === channelsOf(result);
  return isAlong && result.type.shape.length >= 2 ? taken(value, axis, kept(result)) : value;
}

function batchNorm(node: NodeOf<"batchNorm">, around: Surroundings): readonly Value[] {
  const { input, gamma, beta, mean, variance } = node.operands;
  if (isWhole(input, around)) return alike(node, around);
  const part = (value: Value): Value => taken(value, 0, around.kept(input));
  const operands = {
    input: around.now(input),
    gamma: part(gamma),
    beta: part(beta),
    mean: part(mean),
    variance: part(variance),
  };
  return [build("batchNorm", operands, node.attrs, node)];
}

function groupNorm(node: NodeOf<"groupNorm">, around: Surroundings): readonly Value[] {
  const { input, gamma, beta } = node.operands;
  if (isWhole(input, around)) return alike(node, around);
  const channels = around.kept(input);
  const operands = {
    input: around.now(input),
    gamma: taken(gamma, 0, channels),
    beta: taken(beta, 0, channels),
  };
  return [build("groupNorm", operands, { ...node.attrs, groups: channels.length }, node)];
}

function reshape(node: NodeOf<"reshape">, around: Surroundings): readonly Value[] {
  const result = node.results[0]!;
  const input = around.now(node.operands.input);
  if (isWhole(result, around)) return alike(node, around);
  const channels = around.kept(result).length;
  const shape = node.attrs.shape.map((size, axis) => (axis === 1 ? channels : size));
  return [build("reshape", { input }, { shape }, node)];
}

/** Operands that have lost all channels are left out. */
function concat(node: NodeOf<"concat">, around: Surroundings): readonly Value[] {
  const { inputs } = node.operands;
  const left = inputs.filter((value) => around.kept(value).length > 0);
  const now = left.map(around.now);
  if (now.length === inputs.length && now.every((value, at) => value === inputs[at])) {
    return node.results;
  }
  if (now.length === 1) return now;
  return [build("concat", { inputs: now }, node.attrs, node)];
}

/**
 * The slice's channels are neighbours still; those before its first one have moved it. What takes everything
 * that is left is its operand.
 */
function slice(node: NodeOf<"slice">, around: Surroundings): readonly Value[] {
  const { input } = node.operands;
  const result = node.results[0]!;
  if (isWhole(input, around) || input.type.shape.length < 2) return alike(node, around);
  const { starts, sizes, steps } = node.attrs;
  const [start, step] = [starts[1]!, steps[1]!];
  const taking = around.kept(result).map((channel) => start + channel * step);
  const first = around.kept(input).indexOf(taking[0]!);
  const along = (numbers: readonly number[], number: number): readonly number[] =>
    numbers.map((old, axis) => (axis === 1 ? number : old));
  const attrs = {
    starts: along(starts, first),
    sizes: along(sizes, taking.length),
    steps: along(steps, step),
  };
  const now = around.now(input);
  const takesAll = sameShape(attrs.sizes, now.type.shape);
  const isForward = attrs.steps.every((by, axis) => by > 0 || attrs.sizes[axis] === 1);
  return takesAll && isForward ? [now] : [build("slice", { input: now }, attrs, node)];
}

function split(node: NodeOf<"split">, around: Surroundings): readonly Value[] {
  const { input } = node.operands;
  if (node.attrs.axis !== 1 || isWhole(input, around)) return alike(node, around);
  const sizes = node.results.map((result) => around.kept(result).length);
  return buildNode("split", { input: around.now(input) }, { ...node.attrs, sizes }, node).results;
}

/** A shuffle of as many groups as channels moves nothing. */
function channelShuffle(node: NodeOf<"channelShuffle">, around: Surroundings): readonly Value[] {
  const { input } = node.operands;
  const isIdle = !isWhole(input, around) && around.kept(input).length === node.attrs.groups;
  return isIdle ? [around.now(input)] : alike(node, around);
}

const leaf = ({ results }: Node): readonly Value[] => results;

const rebuilds: { readonly [K in OpName]: Rebuild<K> } = {
  input: leaf,
  parameter: leaf,
  constant: leaf,
  conv2d: filtered,
  deconv2d: filtered,
  linear: filtered,
  unary,
  binary,
  elementwise: alike,
  cast: alike,
  maxPool: alike,
  avgPool: alike,
  reduce: alike,
  batchNorm,
  groupNorm,
  lrn: alike,
  softmax: alike,
  reshape,
  transpose: alike,
  concat,
  slice,
  split,
  pad: alike,
  resize: alike,
  resample: alike,
  channelShuffle,
  pixelShuffle: alike,
  dropout: alike,
};

/** What a node becomes when channels go; every operator must say. */
export function rebuiltNode<K extends OpName>(
  node: NodeOf<K>,
  around: Surroundings,
): readonly Value[] | undefined {
  return rebuilds[node.op](node, around);
}
