import type { Node } from "../../ir/graph.js";
import { gram, matrixOf } from "../../numerics/matrix.js";
import type { ConvNode } from "../conv-node.js";
import type { FilterEdit } from "./edit-filters.js";
import { type Filters, tapsAt } from "./filters.js";
import type { LayerChannel, PruneGroup, Tied } from "./prune-groups.js";

/** What is known of the sizes of channels, from data or from weights. */
export interface ChannelSizes {
  /** The mean square of a channel that a layer reads, and the part of it that a constant would miss. */
  read(layer: Filters, channel: number): { readonly square: number; readonly missed: number };
  /** The number that is best put in place of a channel; undefined where only its bias is known. */
  constant(source: LayerChannel): number | undefined;
}

/** A way to do without tied channels. */
export interface Choice {
  readonly tied: Tied;
  readonly edits: readonly { readonly layer: Filters; readonly edit: FilterEdit }[];
  /** By reader of the group, the predicted square of its relative error. */
  readonly costs: readonly number[];
}

/** Copies that are further apart than this, relative and squared, are none. */
const mostApart = 0.25;

/**
 * Ways to do without channels of a group, those with the smallest predicted errors first; each channel goes but
 * once, none that another one is copied from goes, and one stays. What a reader loses with a channel k is
 *
 *   e²(k) = ‖W[:,k]‖² · missed(k) / Σ ‖W[:,j]‖² · square(j)
 *
 * with the reader's weights W, as if channels were uncorrelated. Copies of other filters miss the part of the
 * square by which the filters are apart.
 */
export function pruneChoices(
  group: PruneGroup,
  sizes: ChannelSizes,
  soleReader: (node: ConvNode) => Node | undefined,
): Choice[] {
  const shares = group.readers.map((reader) => sharesIn(reader, sizes));
  const nearest = nearestFilters(group, soleReader);
  const choices = group.tied.flatMap((tied) => {
    const constant = constantChoice(group, tied, sizes, shares);
    const copy = copyChoice(group, tied, nearest, shares);
    return copy ? [constant, copy] : [constant];
  });
  const sorted = choices
    .map((choice) => ({ choice, worst: Math.max(...choice.costs) }))
    .sort((a, b) => a.worst - b.worst)
    .map(({ choice }) => choice);
  return compatible(sorted).slice(0, group.tied.length - 1);
}

/** By channel, its share in the square of a layer's result, and what of that a constant would miss. */
interface Share {
  readonly square: number;
  readonly missed: number;
}

function sharesIn(reader: Filters, sizes: ChannelSizes): readonly Share[] {
  const inputs = reader.groups * reader.inputsPerGroup;
  const shares = Array.from({ length: inputs }, (_, channel) => {
    const weight = squareOfColumn(reader, channel);
    const { square, missed } = sizes.read(reader, channel);
    return { square: weight * square, missed: weight * missed };
  });
  const total = shares.reduce((sum, { square }) => sum + square, 0) || 1;
  return shares.map(({ square, missed }) => ({ square: square / total, missed: missed / total }));
}

/** ‖W[:,k]‖²: of the weights that read a channel. */
function squareOfColumn(filters: Filters, channel: number): number {
  const { weight, taps, inputsPerGroup, outputsPerGroup } = filters;
  const first = Math.floor(channel / inputsPerGroup) * outputsPerGroup;
  let squares = 0;
  for (let output = first; output < first + outputsPerGroup; output++) {
    const from = tapsAt(filters, output, channel % inputsPerGroup);
    for (let at = from; at < from + taps; at++) squares += weight[at]! ** 2;
  }
  return squares;
}

const costsOf = (
  { readers }: PruneGroup,
  { readings }: Tied,
  costAt: (reader: number, channel: number) => number,
): number[] =>
  readers.map((reader, at) =>
    readings.reduce(
      (sum, { filters, channel }) => (filters === reader ? sum + costAt(at, channel) : sum),
      0,
    ),
  );

function constantChoice(
  group: PruneGroup,
  tied: Tied,
  sizes: ChannelSizes,
  shares: readonly (readonly Share[])[],
): Choice {
  const edits = tied.sources.map((source) => {
    const value = sizes.constant(source);
    const edit = { kind: "constant", channel: source.channel, value } as const;
    return { layer: source.filters, edit };
  });
  const costs = costsOf(group, tied, (reader, channel) => shares[reader]![channel]!.missed);
  return { tied, edits, costs };
}

function copyChoice(
  group: PruneGroup,
  tied: Tied,
  nearest: readonly (Nearest | undefined)[],
  shares: readonly (readonly Share[])[],
): Choice | undefined {
  const [source, ...others] = tied.sources;
  const near = source && nearest[source.channel];
  if (!near || others.length > 0) return undefined;
  const { of, times, apart } = near;
  const edit = { kind: "copy", channel: source.channel, of, times } as const;
  const costs = costsOf(group, tied, (reader, channel) => apart * shares[reader]![channel]!.square);
  return { tied, edits: [{ layer: source.filters, edit }], costs };
}

/** The filter that another one is closest to a positive multiple of, and the square of their distance. */
interface Nearest {
  readonly of: number;
  readonly times: number;
  readonly apart: number;
}

/** By channel of a group's only layer; none where several layers or groups of filters make the channels. */
function nearestFilters(
  { producers, tied }: PruneGroup,
  soleReader: (node: ConvNode) => Node | undefined,
): readonly (Nearest | undefined)[] {
  const [filters, ...others] = producers;
  if (!filters || others.length > 0 || filters.groups > 1) return [];
  const mayScale = keepsMultiples(soleReader(filters.node));
  const channels = tied.flatMap(({ sources }) => (sources.length === 1 ? sources : []));
  const length = filters.inputsPerGroup * filters.taps + 1;
  const rows = new Float64Array(channels.length * length);
  channels.forEach(({ channel }, row) => {
    for (let k = 0; k < filters.inputsPerGroup; k++) {
      const from = tapsAt(filters, channel, k);
      rows.set(filters.weight.subarray(from, from + filters.taps), row * length + k * filters.taps);
    }
    rows[(row + 1) * length - 1] = filters.bias[channel]!;
  });
  const { data } = gram(matrixOf(channels.length, length, rows));
  const nearest: (Nearest | undefined)[] = [];
  channels.forEach(({ channel }, k) => {
    const own = data[k * channels.length + k]!;
    channels.forEach((other, j) => {
      const [both, its] = [data[k * channels.length + j]!, data[j * channels.length + j]!];
      if (j === k || own === 0 || both <= 0) return;
      const times = mayScale ? both / its : 1;
      const apart = Math.max(0, own - 2 * times * both + times ** 2 * its) / own;
      const best = nearest[channel];
      if (apart > mostApart || (best && best.apart <= apart)) return;
      nearest[channel] = { of: other.channel, times, apart };
    });
  });
  return nearest;
}

/** Whether what reads a layer's result gives a multiple of it that multiple. */
const keepsMultiples = (node: Node | undefined): boolean => {
  if (node?.op !== "unary") return node !== undefined && node.op !== "elementwise";
  return node.attrs.fn.kind === "relu" || node.attrs.fn.kind === "leakyRelu";
};

/** The choices that hold together with all before them. Copies are only of filters of one layer. */
function compatible(choices: readonly Choice[]): Choice[] {
  const gone = new Set<Tied>();
  const lost = new Set<number>();
  const needed = new Set<number>();
  return choices.filter(({ tied, edits }) => {
    const isFree = edits.every(
      ({ edit }) => !needed.has(edit.channel) && !(edit.kind === "copy" && lost.has(edit.of)),
    );
    if (gone.has(tied) || !isFree) return false;
    gone.add(tied);
    for (const { edit } of edits) {
      lost.add(edit.channel);
      if (edit.kind === "copy") needed.add(edit.of);
    }
    return true;
  });
}
