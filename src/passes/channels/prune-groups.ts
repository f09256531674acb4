import type { Grant, Graph, Node } from "../../ir/graph.js";
import { isWithin } from "../../ir/paths.js";
import { type ConvNode, isConvNode } from "../conv-node.js";
import { type Channel, ChannelClasses } from "./channel-classes.js";
import { findFacts } from "./facts.js";
import { type Filters, filtersOf } from "./filters.js";
import { channelsOf } from "./flow.js";

/** A channel of a layer. */
export interface LayerChannel {
  readonly filters: Filters;
  readonly channel: number;
}

/** Channels that can only go together: the filters that make them, and the inputs of filters that read them. */
export interface Tied {
  readonly sources: readonly LayerChannel[];
  readonly readings: readonly LayerChannel[];
}

/** Layers whose channels are added up or tied otherwise, with those of the channels that may go. */
export interface PruneGroup {
  readonly producers: readonly Filters[];
  /** Layers that read at least one of the channels. */
  readonly readers: readonly Filters[];
  readonly tied: readonly Tied[];
}

/** The groups of a graph, and what makes the channels that its layers read. */
export interface PruneGroups {
  /** In the order of their first layers. */
  readonly groups: readonly PruneGroup[];
  /** The filters that make an input channel; none where it comes from elsewhere. */
  sourcesOf(layer: Filters, channel: number): readonly LayerChannel[];
}

/** Finds the channels of a graph that may go, however large they are. */
export function pruneGroups(graph: Graph): PruneGroups {
  const classes = new ChannelClasses(graph, findFacts(graph));
  const pinned = new Set<number>();
  for (const { value, channel } of classes.pinned()) pinned.add(classes.of(value, channel));
  const all = new Map(tiedIn(graph, classes));
  const found = [...all].filter(
    ([root, { sources, readings }]) =>
      !pinned.has(root) && sources.length > 0 && readings.length > 0,
  );
  return {
    groups: grouped(found.map(([, tied]) => tied)),
    sourcesOf: ({ node }, channel) =>
      all.get(classes.of(node.operands.input, channel))?.sources ?? [],
  };
}

/** Every class with what makes and reads it. */
function tiedIn(graph: Graph, classes: ChannelClasses): (readonly [number, Tied])[] {
  const sources = new Map<number, LayerChannel[]>();
  const readings = new Map<number, LayerChannel[]>();
  const enter = (to: Map<number, LayerChannel[]>, at: Channel, filters: Filters): void => {
    const root = classes.of(at.value, at.channel);
    const entry = { filters, channel: at.channel };
    const known = to.get(root);
    if (known) known.push(entry);
    else to.set(root, [entry]);
  };
  for (const node of graph.nodes) {
    const filters = filtersOf(node);
    if (!filters) continue;
    for (const [to, value] of [
      [sources, node.results[0]!],
      [readings, filters.node.operands.input],
    ] as const) {
      for (let channel = 0; channel < channelsOf(value); channel++) {
        enter(to, { value, channel }, filters);
      }
    }
  }
  return [...sources].map(([root, made]) => [
    root,
    { sources: made, readings: readings.get(root) ?? [] },
  ]);
}

/** Classes that share a layer which makes them are of one group. */
function grouped(found: readonly Tied[]): PruneGroup[] {
  const first = new Map<Filters, Filters>();
  const rootOf = (filters: Filters): Filters => {
    const above = first.get(filters);
    return above ? rootOf(above) : filters;
  };
  for (const { sources } of found) {
    const [root, ...others] = sources.map(({ filters }) => rootOf(filters));
    for (const other of others.map(rootOf)) if (root && other !== root) first.set(other, root);
  }
  const groups = new Map<Filters, Tied[]>();
  for (const tied of found) {
    const root = rootOf(tied.sources[0]!.filters);
    groups.set(root, [...(groups.get(root) ?? []), tied]);
  }
  return [...groups.values()].map((tied) => ({
    producers: layersOf(tied.flatMap(({ sources }) => sources)),
    readers: layersOf(tied.flatMap(({ readings }) => readings)),
    tied,
  }));
}

const layersOf = (channels: readonly LayerChannel[]): Filters[] => [
  ...new Set(channels.map(({ filters }) => filters)),
];

/** The grant that decides for a layer: the innermost, and of equal ones the last. */
export function pruneGrantOf({ name }: Node, grants: readonly Grant[]): Grant | undefined {
  return grants
    .filter(({ kind, path }) => kind === "prune" && isWithin(name, path))
    .reduce<Grant | undefined>(
      (best, grant) => (best && best.path.length > grant.path.length ? best : grant),
      undefined,
    );
}

/** Layers that a grant may hold for. */
export const prunableLayers = ({ nodes }: Graph): ConvNode[] => nodes.filter(isConvNode);
