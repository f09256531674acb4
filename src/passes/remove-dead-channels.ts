import type { Graph } from "../ir/graph.js";
import { changesOf } from "./channels/channel-changes.js";
import { type Examined, findCopies } from "./channels/copies.js";
import { findFacts } from "./channels/facts.js";
import { findLive } from "./channels/live.js";
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
 * operators that mix channels, of layers with weights that are unknown, infinite or no numbers; and
 * everything when what is left is predicted to take longer.
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

/** One round: the same graph when nothing is to be removed. */
function withFewerChannels(graph: Graph, context: PassContext, examined: Examined): Graph {
  if (context.budget.left <= 0) return graph;
  const facts = findFacts(graph);
  const copies = findCopies(graph, context.effort, examined);
  const channels: Channels = { facts, copies: copies.of, stays: findLive(graph, facts, copies.of) };
  const rebuilt = rebuild(graph, channels);
  if (!rebuilt || rebuilt.graph === graph) {
    for (const node of copies.unexamined) {
      context.refuse(
        node,
        "not examined: its filters may be copies of others (--search examines it)",
      );
    }
    return graph;
  }
  const changes = changesOf(rebuilt, channels);
  const [before, after] = [
    predictAll(graph.nodes, context),
    predictAll(rebuilt.graph.nodes, context),
  ];
  if (after > before) {
    for (const { node, change } of changes) {
      context.refuse(node, `${change.family}: the network would not be faster`);
    }
    return graph;
  }
  context.budget.left -= Math.max(1, changes.length);
  for (const { node, change } of changes) context.record(node, change);
  return rebuilt.graph;
}
