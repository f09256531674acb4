import { dataOf, isConstant } from "../../ir/constants.js";
import type { Graph, Node, NodeOf, Value } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import { sizeOf } from "../../ir/types.js";
import { affineOf } from "../channel-affine.js";
import { filterRanges, filtersOf } from "./filters.js";
import { channelAxisIn, channelsOf, flowOf } from "./flow.js";
import { binaryRange, unaryRange } from "./function-range.js";
import {
  constantIn,
  exactly,
  type Facts,
  hull,
  type Range,
  spanOf,
  unknown,
  zero,
} from "./range.js";

/** What is known of a value's channels. */
export type FactsOf = (value: Value) => Facts;

/**
 * What can be known of every channel of every value before any input is seen: that it is one number, or
 * between which numbers it lies. Bytes lie in 0 … 255; other inputs may be anything.
 */
export function findFacts(graph: Graph): FactsOf {
  const known = new Map<Value, Facts>();
  const of: FactsOf = (value) => {
    const facts =
      known.get(value) ?? (isConstant(value) ? factsAlong(value, 1) : nothingKnown(value));
    known.set(value, facts);
    return facts;
  };
  for (const node of graph.nodes) {
    if (node.op === "constant") continue;
    factsOf(node, of).forEach((facts, index) => {
      known.set(node.results[index]!, facts);
    });
  }
  return of;
}

const nothingKnown = (value: Value): Facts => Array<Range>(channelsOf(value)).fill(unknown);

const nothing = ({ results }: { readonly results: readonly Value[] }): Facts[] =>
  results.map(nothingKnown);

/** Bounds of a constant's numbers at each index of an axis; of all of them where it has no such axis. */
function factsAlong(value: Value, axis: number): Facts {
  const data = dataOf(value) ?? new Float32Array();
  const { shape } = value.type;
  const count = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const numbers: number[][] = Array.from({ length: count }, () => []);
  data.forEach((x, at) => {
    numbers[Math.floor(at / inner) % count]!.push(x);
  });
  return numbers.map(spanOf);
}

/** An operand's bounds for each channel of a result that it broadcasts to. */
function broadcastFacts(operand: Value, result: Value, of: FactsOf): Facts {
  const rank = result.type.shape.length;
  const axis = channelAxisIn(operand.type.shape, rank);
  const facts = isConstant(operand) && axis >= 0 ? factsAlong(operand, axis) : of(operand);
  const isOwn = operand.type.shape.length === rank || (isConstant(operand) && axis >= 0);
  const channels = channelsOf(result);
  if (rank >= 2 && isOwn && facts.length === channels) return facts;
  return Array<Range>(channels).fill(facts.reduce(hull));
}

function binary({ operands, attrs, results }: NodeOf<"binary">, of: FactsOf): Facts[] {
  const result = results[0]!;
  const left = broadcastFacts(operands.left, result, of);
  const right = broadcastFacts(operands.right, result, of);
  return [left.map((range, channel) => binaryRange(attrs.fn, range, right[channel]!))];
}

type OneInput = { readonly operands: { readonly input: Value } };

/** Bounds for each channel, made of those before. */
const mapped =
  <N extends OneInput>(fn: (range: Range, node: N) => Range) =>
  (node: N, of: FactsOf): Facts[] => [of(node.operands.input).map((range) => fn(range, node))];

const kept = mapped((range) => range);

/** Results that hold elements of operands, unchanged: the hull of what a channel is made of. */
function moved(node: Node, of: FactsOf): Facts[] {
  const { links } = flowOf(node);
  if (links.length === 0) return nothing(node);
  return node.results.map((result) => {
    const facts: (Range | undefined)[] = Array(channelsOf(result)).fill(undefined);
    for (const { operand, from, result: to, to: places } of links) {
      if (to !== result) continue;
      const before = of(operand);
      from.forEach((channel, i) => {
        const [place, range] = [places[i]!, before[channel]!];
        const other = facts[place];
        facts[place] = other ? hull(other, range) : range;
      });
    }
    return facts.map((range) => range ?? unknown);
  });
}

function pad(node: NodeOf<"pad">, of: FactsOf): Facts[] {
  const { mode, value, before, after } = node.attrs;
  if (mode !== "constant" || flowOf(node).links.length === 0) return moved(node, of);
  const fill = exactly(value);
  const grows = [...before, ...after].some(
    (amount, axis) => amount > 0 && axis % before.length !== 1,
  );
  const front = before[1] ?? 0;
  const inside = of(node.operands.input);
  return [
    Array.from({ length: channelsOf(node.results[0]!) }, (_, channel) => {
      const range = inside[channel - front];
      if (!range) return fill;
      return grows ? hull(range, fill) : range;
    }),
  ];
}

function reduce(node: NodeOf<"reduce">, of: FactsOf): Facts[] {
  const { fn, axes } = node.attrs;
  if (axes.some((axis) => axis < 2)) return nothing(node);
  const { shape } = node.operands.input.type;
  const summed = axes.reduce((size, axis) => size * shape[axis]!, 1);
  const facts = of(node.operands.input);
  if (fn !== "sum") return [facts];
  return [facts.map((range) => binaryRange("mul", range, exactly(summed)))];
}

function batchNorm(node: NodeOf<"batchNorm">, of: FactsOf): Facts[] {
  const affine = affineOf(node);
  if (!affine) return nothing(node);
  const facts = of(node.operands.input).map((range, channel) => {
    const [scale, shift] = [affine.scale[channel]!, affine.shift[channel]!];
    if (!Number.isFinite(scale) || !Number.isFinite(shift)) return unknown;
    return binaryRange("add", binaryRange("mul", range, exactly(scale)), exactly(shift));
  });
  return [facts];
}

/** A channel of one number that is normalised by itself is its shift. */
function groupNorm(node: NodeOf<"groupNorm">, of: FactsOf): Facts[] {
  const { input, beta } = node.operands;
  const shift = dataOf(beta);
  const isAlone = node.attrs.groups === channelsOf(input) && node.attrs.epsilon > 0;
  if (!shift || !isAlone) return nothing(node);
  return [
    of(input).map((range, c) => (constantIn(range) === undefined ? unknown : exactly(shift[c]!))),
  ];
}

function filtered(
  node: NodeOf<"conv2d"> | NodeOf<"deconv2d"> | NodeOf<"linear">,
  of: FactsOf,
): Facts[] {
  const filters = filtersOf(node);
  return filters ? [filterRanges(filters, of(node.operands.input))] : nothing(node);
}

/** Cubic weights overshoot; they still sum to 1. */
function resampled(range: Range, { attrs }: NodeOf<"resample">): Range {
  const { mode, coordinates, excludeOutside, outside } = attrs;
  const isInside = mode !== "cubic" || (constantIn(range) !== undefined && !excludeOutside);
  if (!isInside) return unknown;
  return coordinates === "tf_crop_and_resize" ? hull(range, exactly(outside)) : range;
}

const seesPadding = ({ attrs }: NodeOf<"avgPool">): boolean =>
  attrs.countIncludePad && attrs.pads.some((amount) => amount > 0);

const tables: {
  readonly [K in OpName]: (node: NodeOf<K>, of: FactsOf) => readonly Facts[];
} = {
  input: ({ attrs, results }) =>
    attrs.type.element === "u8"
      ? results.map((value) => nothingKnown(value).map(() => ({ low: 0, high: 255 })))
      : results.map(nothingKnown),
  parameter: nothing,
  constant: nothing,
  conv2d: filtered,
  deconv2d: filtered,
  linear: filtered,
  unary: mapped((range, { attrs }: NodeOf<"unary">) => unaryRange(attrs.fn, range)),
  binary,
  elementwise: nothing,
  cast: kept,
  maxPool: kept,
  avgPool: mapped((range, node: NodeOf<"avgPool">) =>
    seesPadding(node) ? hull(range, zero) : range,
  ),
  reduce,
  batchNorm,
  groupNorm,
  lrn: nothing,
  softmax: ({ attrs, results }) =>
    results.map((value) =>
      nothingKnown(value).map(() =>
        attrs.log ? { low: Number.NEGATIVE_INFINITY, high: 0 } : { low: 0, high: 1 },
      ),
    ),
  reshape: moved,
  transpose: moved,
  concat: moved,
  slice: moved,
  split: moved,
  pad,
  resize: kept,
  resample: mapped(resampled),
  channelShuffle: moved,
  pixelShuffle: moved,
  dropout: kept,
};

/** What is known of a node's results; every operator must say. */
function factsOf<K extends OpName>(node: NodeOf<K>, of: FactsOf): readonly Facts[] {
  return tables[node.op](node, of);
}
