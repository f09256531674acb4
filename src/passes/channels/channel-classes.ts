import { InternalError } from "../../diagnostics/report.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import type { FactsOf } from "./facts.js";
import { fixedOperand } from "./fixed-operand.js";
import { channelsOf, type Flow, flowOf } from "./flow.js";

/** A channel of a value. */
export interface Channel {
  readonly value: Value;
  readonly channel: number;
}

/** The channels of a graph in classes: those of one class are there together or not at all. */
export class ChannelClasses {
  readonly #flows: ReadonlyMap<Node, Flow>;
  /** The place of a value's first channel among those of all values. */
  readonly #first = new Map<Value, number>();
  readonly #channels: Channel[] = [];
  readonly #parent: number[] = [];
  readonly #members = new Map<number, Channel[]>();

  constructor(
    readonly graph: Graph,
    facts: FactsOf,
  ) {
    this.#flows = new Map(graph.nodes.map((node) => [node, flowThrough(node, facts)]));
    for (const node of graph.nodes) for (const value of node.results) this.#enter(value);
    for (const { links, ties = [] } of this.#flows.values()) {
      for (const { operand, from, result, to } of links) {
        from.forEach((channel, i) => {
          this.#tie(operand, channel, result, to[i]!);
        });
      }
      for (const [value, a, b] of ties) this.#tie(value, a, value, b);
    }
    this.#channels.forEach((channel, id) => {
      const root = this.#rootOf(id);
      const members = this.#members.get(root);
      if (members) members.push(channel);
      else this.#members.set(root, [channel]);
    });
  }

  /** Whether a value is one of the graph. */
  has(value: Value): boolean {
    return this.#first.has(value);
  }

  /** The class of a channel: one of its places. */
  of(value: Value, channel: number): number {
    return this.#rootOf(this.#first.get(value)! + channel);
  }

  /** All channels of a class, in the order of the graph. */
  membersOf(root: number): readonly Channel[] {
    return this.#members.get(root) ?? [];
  }

  /** How a node's channels hang together; a value that is read as a constant is not tied to it. */
  flowOf(node: Node): Flow {
    const flow = this.#flows.get(node);
    if (!flow) throw new InternalError(`${node.op} ${node.name} is no node of the graph`);
    return flow;
  }

  /** Channels that stay whatever is known of them: those of inputs, outputs and what mixes channels. */
  *pinned(): Iterable<Channel> {
    for (const { value } of this.graph.outputs) yield* channelsIn(value);
    for (const [node, { pins = [] }] of this.#flows) {
      for (const { value, channels } of pins) yield* channelsIn(value, channels);
      for (const value of node.results) {
        if (value.type.shape.length < 2) yield* channelsIn(value);
      }
    }
  }

  #enter(value: Value): void {
    this.#first.set(value, this.#channels.length);
    for (let channel = 0; channel < channelsOf(value); channel++) {
      this.#parent.push(this.#channels.length);
      this.#channels.push({ value, channel });
    }
  }

  #rootOf(id: number): number {
    while (this.#parent[id] !== id) {
      const above = this.#parent[id]!;
      this.#parent[id] = this.#parent[above]!;
      id = above;
    }
    return id;
  }

  #tie(one: Value, a: number, other: Value, b: number): void {
    this.#parent[this.of(one, a)] = this.of(other, b);
  }
}

/** Some channels of a value; all of them unless told. */
function* channelsIn(value: Value, channels?: readonly number[]): Iterable<Channel> {
  if (channels) for (const channel of channels) yield { value, channel };
  else for (let channel = 0; channel < channelsOf(value); channel++) yield { value, channel };
}

/** A node's flow; what is read as a constant may have other channels. */
function flowThrough(node: Node, facts: FactsOf): Flow {
  const flow = flowOf(node);
  const fixed = fixedOperand(node, facts);
  return fixed ? { ...flow, links: flow.links.filter(({ operand }) => operand !== fixed) } : flow;
}
