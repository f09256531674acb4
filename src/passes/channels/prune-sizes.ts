import type { Graph, Node, Value } from "../../ir/graph.js";
import { operandsOf } from "../../ir/graph.js";
import { graphOf } from "../../ir/order.js";
import { sizeOf } from "../../ir/types.js";
import type { Calibration, Sample } from "../calibration.js";
import type { ConvNode } from "../conv-node.js";
import { type Substitutes, substitute } from "../grants/substitute.js";
import { type Filters, tapsAt } from "./filters.js";
import { channelsOf } from "./flow.js";
import type { ChannelSizes } from "./prune-choices.js";
import type { LayerChannel, PruneGroup, PruneGroups } from "./prune-groups.js";

/** The most numbers of a network's values that are kept at once, over all samples: 256 MB. */
export const mostNumbers = 2 ** 26;

/**
 * Sizes of channels as the filters that make them let expect, for inputs of size 1 that are not correlated:
 * square = Σ ‖w‖² + b², of which a filter's bias in its place misses ‖w‖². Channels that are made by no filter
 * are as large as the others on average.
 */
export function sizesOfWeights({ sourcesOf }: Pick<PruneGroups, "sourcesOf">): ChannelSizes {
  const known = new Map<Filters, readonly Size[]>();
  const sizesIn = (layer: Filters): readonly Size[] => {
    const sizes = known.get(layer) ?? withAverages(sizesRead(layer, sourcesOf));
    known.set(layer, sizes);
    return sizes;
  };
  return { read: (layer, channel) => sizesIn(layer)[channel]!, constant: () => undefined };
}

type Size = ReturnType<ChannelSizes["read"]>;

const sizesRead = (layer: Filters, sourcesOf: PruneGroups["sourcesOf"]): (Size | undefined)[] =>
  Array.from({ length: layer.groups * layer.inputsPerGroup }, (_, channel) => {
    const sources = sourcesOf(layer, channel);
    if (sources.length === 0) return undefined;
    const missed = sources.reduce((sum, source) => sum + squareOf(source), 0);
    const ofBias = sources.reduce((sum, { filters, channel: c }) => sum + filters.bias[c]! ** 2, 0);
    return { square: missed + ofBias, missed };
  });

function withAverages(sizes: readonly (Size | undefined)[]): Size[] {
  const made = sizes.flatMap((size) => size ?? []);
  const square = made.reduce((sum, size) => sum + size.square, 0) / (made.length || 1) || 1;
  return sizes.map((size) => size ?? { square, missed: square });
}

/** ‖w‖² of a filter. */
function squareOf({ filters, channel }: LayerChannel): number {
  let squares = 0;
  for (let k = 0; k < filters.inputsPerGroup; k++) {
    const from = tapsAt(filters, channel, k);
    for (let at = from; at < from + filters.taps; at++) squares += filters.weight[at]! ** 2;
  }
  return squares;
}

/**
 * Sizes of channels on the data that may be fitted to: square = E[x²], of which the mean in its place misses
 * E[(x − μ)²]. The number that is best put in place of a channel is its mean; the mean behind an activation that
 * keeps what it gives, where that is all that reads it: a channel that never fires is 0.
 */
export function sizesOnData(
  graph: Graph,
  made: Substitutes,
  group: PruneGroup,
  { fit, compute }: Calibration,
): ChannelSizes {
  const seen = new Map(
    group.producers.map(({ node }) => [node, seenAs(node, soleReaderIn(graph, node))]),
  );
  const inputs = group.readers.map(({ node }) => node.operands.input);
  const values = [...new Set([...seen.values(), ...inputs])];
  const outputs = values.map((value, at) => ({ name: String(at), value }));
  const numbers = values.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  const samples = fit.slice(0, Math.max(1, Math.floor(mostNumbers / numbers)));
  const computed = compute(substitute(graphOf({ ...graph, outputs }), made), samples);
  const moments = new Map(values.map((value, at) => [value, momentsIn(value, computed, at)]));
  return {
    read: ({ node }, channel) => moments.get(node.operands.input)![channel]!,
    constant: ({ filters, channel }) => moments.get(seen.get(filters.node)!)![channel]!.mean,
  };
}

/** The only node that reads a layer's result; undefined when there are others, or an output. */
export function soleReaderIn({ nodes, outputs }: Graph, layer: ConvNode): Node | undefined {
  const result = layer.results[0]!;
  const readers = nodes.filter((node) => operandsOf(node).includes(result));
  const isOutput = outputs.some(({ value }) => value === result);
  return readers.length === 1 && !isOutput ? readers[0] : undefined;
}

/** A layer's result, or that of the activation behind it which changes no number that it gives. */
function seenAs(layer: ConvNode, reader: Node | undefined): Value {
  const keeps = reader?.op === "unary" && ["relu", "clip"].includes(reader.attrs.fn.kind);
  return keeps ? reader.results[0]! : layer.results[0]!;
}

/** Mean, mean square and variance of each channel over samples. */
function momentsIn(
  value: Value,
  samples: readonly Sample[],
  at: number,
): readonly (Size & { readonly mean: number })[] {
  const channels = channelsOf(value);
  const plane = sizeOf(value.type.shape.slice(2));
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let count = 0;
  for (const sample of samples) {
    const data = sample.get(String(at))!;
    data.forEach((x, place) => {
      const channel = Math.floor(place / plane) % channels;
      sums[channel]! += x;
      squares[channel]! += x * x;
    });
    count += data.length / channels;
  }
  return Array.from(sums, (sum, channel) => {
    const [mean, square] = [sum / count, squares[channel]! / count];
    return { mean, square, missed: Math.max(0, square - mean ** 2) };
  });
}
