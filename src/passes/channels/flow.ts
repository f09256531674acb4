import { dataOf, isConstant } from "../../ir/constants.js";
import type { NodeOf, Value } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import { sizeOf } from "../../ir/types.js";
import { filtersOf } from "./filters.js";

/** Channels of an operand and of a result that are there together: the i-th of one list with the i-th of the other. */
export interface Link {
  readonly operand: Value;
  readonly from: Int32Array;
  readonly result: Value;
  readonly to: Int32Array;
}

/** How an operator's channels hang together. */
export interface Flow {
  readonly links: readonly Link[];
  /** Pairs of channels of one value that are there together. */
  readonly ties?: readonly (readonly [Value, number, number])[];
  /** Values that keep their channels: all, or those listed. */
  readonly pins?: readonly { readonly value: Value; readonly channels?: readonly number[] }[];
  /** A value whose channels are there when a filter reads them. */
  readonly reads?: Value;
}

/** Channels lie along axis 1; a value with fewer axes counts as one channel. */
export const channelsOf = ({ type: { shape } }: Value): number =>
  shape.length < 2 ? 1 : shape[1]!;

/** Elements of one channel of one image. */
const planeOf = ({ type: { shape } }: Value): number => sizeOf(shape.slice(2));

const count = (length: number, first = 0, step = 1): Int32Array =>
  Int32Array.from({ length }, (_, i) => first + i * step);

/** Nothing is removed: for operators that mix channels, and for what is not understood. */
const pinned = (values: readonly Value[]): Flow => ({
  links: [],
  pins: values.map((value) => ({ value })),
});

/** Each result channel is made of the operand's channel of the same place. */
const alike = (operand: Value, result: Value): Link => ({
  operand,
  from: count(channelsOf(operand)),
  result,
  to: count(channelsOf(operand)),
});

type OneInput = {
  readonly operands: { readonly input: Value };
  readonly results: readonly Value[];
};

const channelwise = ({ operands, results }: OneInput): Flow => ({
  links: [alike(operands.input, results[0]!)],
});

const mixing = ({ operands, results }: OneInput): Flow => pinned([operands.input, ...results]);

function filtered(node: NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">): Flow {
  const { input, extras } = node.operands;
  if (filtersOf(node)) return { links: [], reads: input };
  return pinned([input, ...extras, ...node.results]);
}

/** Where a constant that broadcasts to a shape has the shape's axis 1; negative when it has none. */
export const channelAxisIn = (shape: readonly number[], rank: number): number =>
  shape.length - rank + 1;

/**
 * Operands with as many axes are tied to the result where they have its channels; constants follow. Others
 * stay as they are.
 */
function binary({ operands: { left, right }, results }: NodeOf<"binary">): Flow {
  const result = results[0]!;
  const rank = result.type.shape.length;
  const running = [...new Set([left, right])].filter((value) => !isConstant(value));
  const fits = (value: Value): boolean => rank >= 2 && value.type.shape.length === rank;
  const isTied = (value: Value): boolean => channelsOf(value) === channelsOf(result);
  if (!running.every(fits) || !running.some(isTied)) return pinned([...running, result]);
  return {
    links: running.filter(isTied).map((value) => alike(value, result)),
    pins: running.filter((value) => !isTied(value)).map((value) => ({ value })),
  };
}

function reduce(node: NodeOf<"reduce">): Flow {
  return node.attrs.axes.every((axis) => axis > 1) ? channelwise(node) : mixing(node);
}

function batchNorm(node: NodeOf<"batchNorm">): Flow {
  const { input: _, ...channels } = node.operands;
  return Object.values(channels).every((value) => dataOf(value)) ? channelwise(node) : mixing(node);
}

/** Statistics of one channel each, or nothing is removed: those of a group would change. */
function groupNorm(node: NodeOf<"groupNorm">): Flow {
  const { input, gamma, beta } = node.operands;
  const isInstance = node.attrs.groups === channelsOf(input) && dataOf(gamma) && dataOf(beta);
  return isInstance ? channelwise(node) : mixing(node);
}

/** A channel that becomes several, or several that become one, in rows of elements: flattening, and its inverse. */
function reshape(node: NodeOf<"reshape">): Flow {
  const [input, result] = [node.operands.input, node.results[0]!];
  const [from, to] = [input.type.shape, result.type.shape];
  const [before, after] = [planeOf(input), planeOf(result)];
  if (from.length < 2 || to.length < 2 || from[0] !== to[0]) return mixing(node);
  const parts = Math.max(channelsOf(input), channelsOf(result));
  if (before % after !== 0 && after % before !== 0) return mixing(node);
  const grown = (channels: number) => count(parts).map((i) => Math.floor((i * channels) / parts));
  const ends = { from: grown(channelsOf(input)), to: grown(channelsOf(result)) };
  return { links: [{ operand: input, result, ...ends }] };
}

function transpose(node: NodeOf<"transpose">): Flow {
  const [images, channels] = node.attrs.permutation;
  return images === 0 && channels === 1 ? channelwise(node) : mixing(node);
}

function concat({ operands: { inputs }, attrs, results }: NodeOf<"concat">): Flow {
  const result = results[0]!;
  if (result.type.shape.length < 2) return pinned([...inputs, result]);
  let first = 0;
  const links = inputs.map((operand): Link => {
    const channels = channelsOf(operand);
    const to = count(channels, first);
    if (attrs.axis === 1) first += channels;
    return { operand, from: count(channels), result, to };
  });
  return { links };
}

/** A slice of every second channel would be none of the channels that are left. */
function slice(node: NodeOf<"slice">): Flow {
  const [input, result] = [node.operands.input, node.results[0]!];
  const [start = 0, step = 1] = [node.attrs.starts[1], node.attrs.steps[1]];
  const channels = channelsOf(result);
  if (input.type.shape.length < 2 || (Math.abs(step) !== 1 && channels > 1)) return mixing(node);
  return {
    links: [{ operand: input, from: count(channels, start, step), result, to: count(channels) }],
  };
}

function split(node: NodeOf<"split">): Flow {
  const { input } = node.operands;
  if (input.type.shape.length < 2) return mixing(node);
  let first = 0;
  const links = node.results.map((result): Link => {
    const channels = channelsOf(result);
    const from = count(channels, first);
    if (node.attrs.axis === 1) first += channels;
    return { operand: input, from, result, to: count(channels) };
  });
  return { links };
}

/** Added channels stay; mirrored ones would be others. */
function pad(node: NodeOf<"pad">): Flow {
  const [input, result] = [node.operands.input, node.results[0]!];
  const { before, after, mode } = node.attrs;
  const [front = 0, back = 0] = [before[1], after[1]];
  const adds = front + back > 0;
  if (input.type.shape.length < 2 || (adds && mode !== "constant")) return mixing(node);
  const channels = channelsOf(input);
  const added = [...count(front), ...count(back, front + channels)];
  return {
    links: [{ operand: input, from: count(channels), result, to: count(channels, front) }],
    pins: [{ value: result, channels: added }],
  };
}

/** Channels that change places together keep their order when all of them go. */
function channelShuffle(node: NodeOf<"channelShuffle">): Flow {
  const [input, result] = [node.operands.input, node.results[0]!];
  const { groups } = node.attrs;
  const channels = channelsOf(input);
  const perGroup = channels / groups;
  const to = count(channels);
  const from = to.map((c) => (c % groups) * perGroup + Math.floor(c / groups));
  const ties = [...to.subarray(perGroup)].map((c) => [input, c, c % perGroup] as const);
  return { links: [{ operand: input, from, result, to }], ties };
}

function pixelShuffle({ operands: { input }, results, attrs }: NodeOf<"pixelShuffle">): Flow {
  const from = count(channelsOf(input));
  const to = from.map((c) => Math.floor(c / attrs.factor ** 2));
  return { links: [{ operand: input, from, result: results[0]!, to }] };
}

const leaf = ({ results }: { readonly results: readonly Value[] }): Flow => pinned(results);

const flows: { readonly [K in OpName]: (node: NodeOf<K>) => Flow } = {
  input: leaf,
  parameter: leaf,
  constant: leaf,
  conv2d: filtered,
  deconv2d: filtered,
  linear: filtered,
  unary: channelwise,
  binary,
  elementwise: ({ operands: { input, extras }, results }) => pinned([input, ...extras, ...results]),
  cast: channelwise,
  maxPool: channelwise,
  avgPool: channelwise,
  reduce,
  batchNorm,
  groupNorm,
  lrn: mixing,
  softmax: mixing,
  reshape,
  transpose,
  concat,
  slice,
  split,
  pad,
  resize: channelwise,
  resample: channelwise,
  channelShuffle,
  pixelShuffle,
  dropout: channelwise,
};

/** How a node's channels hang together; every operator must say. */
export function flowOf<K extends OpName>(node: NodeOf<K>): Flow {
  return flows[node.op](node);
}
