import type { Graph, Node, Value } from "../../ir/graph.js";
import { graphOf } from "../../ir/order.js";
import type { CopiesOf } from "./copies.js";
import type { FactsOf } from "./facts.js";
import type { Stays } from "./live.js";
import { rebuiltNode, type Surroundings } from "./rebuild-node.js";

/** What is known of a graph's channels. */
export interface Channels {
  readonly facts: FactsOf;
  readonly copies: CopiesOf;
  readonly stays: Stays;
}

/** A graph with fewer channels, and what stands in place of the nodes that are not the same any more. */
export interface Rebuilt {
  readonly graph: Graph;
  readonly replaced: ReadonlyMap<Node, Value>;
}

/**
 * The graph with the channels that stay, made in one go from the inputs on; the same graph when nothing
 * changes. Undefined when a number becomes too large for float32.
 */
export function rebuild(graph: Graph, { facts, copies, stays }: Channels): Rebuilt | undefined {
  const moved = new Map<Value, Value>();
  const now = (value: Value): Value => moved.get(value) ?? value;
  const keptOf = new Map<Value, readonly number[]>();
  const kept = (value: Value): readonly number[] => {
    const channels = keptOf.get(value) ?? indicesOf(stays(value));
    keptOf.set(value, channels);
    return channels;
  };
  const surroundings: Surroundings = { now, kept, facts, copies };
  const replaced = new Map<Node, Value>();
  for (const node of graph.nodes) {
    if (node.results.every((value) => kept(value).length === 0)) continue;
    const results = rebuiltNode(node, surroundings);
    if (!results) return undefined;
    node.results.forEach((value, index) => {
      const result = results[index]!;
      if (result === value) return;
      moved.set(value, result);
      replaced.set(node, results[0]!);
    });
  }
  const border = [...graph.inputs, ...graph.outputs];
  if (border.every(({ value }) => now(value) === value)) return { graph, replaced: new Map() };
  const move = <T extends { readonly value: Value }>(port: T): T => ({
    ...port,
    value: now(port.value),
  });
  const [inputs, outputs] = [graph.inputs.map(move), graph.outputs.map(move)];
  return { graph: graphOf({ ...graph, inputs, outputs }), replaced };
}

const indicesOf = (flags: readonly boolean[]): readonly number[] =>
  flags.flatMap((flag, index) => (flag ? index : []));
