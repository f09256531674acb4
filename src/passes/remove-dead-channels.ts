import type { Graph, Node } from "../ir/graph.js";
import { type ChangedNode, changesOf } from "./channels/channel-changes.js";
import { type Examined, findCopies } from "./channels/copies.js";
import { findFacts } from "./channels/facts.js";
import { filtersOf } from "./channels/filters.js";
import { findLive } from "./channels/live.js";
import { constantIn } from "./channels/range.js";
import { type Channels, rebuild } from "./channels/rebuild.js";
import type { Pass, PassContext } from "./pass.js";
import { predictAll } from "./structural-pass.js";

/**
 * Removes channels that nothing needs, from the filter that makes them to the weights that read them, through
 * all that hands them on:
 *
 *   nobody reads it, or only with weights of zero     gone
 *   always 0                                          gone
 *   always c                                          goes into the readers' biases: b + c · Σ w
 *   a positive multiple of another one                its weights go to the other one
 *
 * and activations that bounds of their input make superfluous. A channel goes only together with those that
 * it is added to, multiplied with or otherwise tied to. Where padding would show, constant channels become
 * multiples of one of them. Repeated until nothing goes. Left alone: channels of inputs and outputs, of
 * operators that mix channels, of layers with weights that are unknown, infinite or no numbers; of layers
 * without which the network is predicted to take longer; and all when that is more than the rewrites left.
 */
export const removeDeadChannels: Pass = {
  name: "remove-dead-channels",
  summary: "remove channels that are dead, constant or copies of others",
  exactness: "rounding",
  run(graph: Graph, context: PassContext): Graph {
    const examined: Examined = new Map();
    for (;;) {
      const fewer = withFewerChannels(graph, context, examined);
      if (fewer === graph) return graph;
      graph = fewer;
    }
  },
};

/** One round: the same graph when nothing is to be removed, or not all of it fits into the budget. */
function withFewerChannels(graph: Graph, context: PassContext, examined: Examined): Graph {
  if (context.budget.left <= 0) return graph;
  const facts = findFacts(graph);
  const copies = findCopies(graph, context.effort, examined);
  const known: Known = { graph, facts, copies: copies.of, context };
  const all = roundWithout(new Set(), known);
  if (!all || all.graph === graph) {
    for (const node of copies.unexamined) {
      context.refuse(
        node,
        "not examined: its filters may be copies of others (--search examines it)",
      );
    }
    tellOfPadding(known);
    return graph;
  }
  const before = predictAll(graph.nodes, context);
  const round = all.ms <= before ? all : payingPart(all, known);
  if (round.graph === graph || round.ms > before) {
    for (const { node, change } of all.changes) {
      context.refuse(node, `${change.family}: the network would not be faster`);
    }
    return graph;
  }
  const spent = Math.max(1, round.changes.length);
  if (spent > context.budget.left) return graph;
  context.budget.left -= spent;
  for (const { node, change } of round.changes) context.record(node, change);
  return round.graph;
}

/** What is known before anything is removed. */
interface Known extends Pick<Channels, "facts" | "copies"> {
  readonly graph: Graph;
  readonly context: PassContext;
}

/** A graph with fewer channels, how it came to be, and how long it is predicted to take. */
interface Round {
  readonly graph: Graph;
  readonly changes: readonly ChangedNode[];
  readonly ms: number;
}

/** The round in which some layers keep all channels that they make. */
function roundWithout(staying: ReadonlySet<Node>, known: Known): Round | undefined {
  const { graph, facts, copies, context } = known;
  const channels: Channels = { facts, copies, stays: findLive(graph, facts, copies, staying) };
  const rebuilt = rebuild(graph, channels);
  if (!rebuilt) return undefined;
  const ms = predictAll(rebuilt.graph.nodes, context);
  return { graph: rebuilt.graph, changes: changesOf(rebuilt, channels), ms };
}

/** What is left of a round when each layer keeps its channels that makes it slower. */
function payingPart(all: Round, known: Known): Round {
  let best = all;
  const staying = new Set<Node>();
  for (const { node } of all.changes) {
    if (!filtersOf(node)) continue;
    const trial = roundWithout(new Set([...staying, node]), known);
    if (!trial || trial.ms >= best.ms) continue;
    staying.add(node);
    best = trial;
  }
  return best;
}

/** Tells which layers read constants that cannot go into a bias. */
function tellOfPadding({ graph, facts, context }: Known): void {
  for (const node of graph.nodes) {
    const filters = filtersOf(node);
    if (!filters?.isPadded) continue;
    const count = facts(filters.node.operands.input).filter((range) => constantIn(range)).length;
    if (count === 0) continue;
    const what = count === 1 ? "1 channel that it reads is" : `${count} channels that it reads are`;
    context.refuse(node, `${what} constant, but padding shows where`);
  }
}
