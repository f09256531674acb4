import type { Graph, Node, Value } from "../../ir/graph.js";
import type { CopiesOf } from "./copies.js";
import type { FactsOf } from "./facts.js";
import { filtersOf } from "./filters.js";
import { fixedOperand } from "./fixed-operand.js";
import { channelsOf, type Flow, flowOf } from "./flow.js";
import { Readers, standInsOf } from "./reads.js";

/** Whether each channel of a value stays. */
export type Stays = (value: Value) => readonly boolean[];

/** A channel of a value. */
interface Channel {
  readonly value: Value;
  readonly channel: number;
}

/**
 * Which channels of each value stay. Channels that must go together are one class. A class stays when it is
 * pinned, or when a filter that stays reads one of its channels and nothing can stand in for it. Groups of
 * a convolution stay equally large, and no value that is read is left without channels.
 */
export function findLive(graph: Graph, facts: FactsOf, copies: CopiesOf): Stays {
  return new Live(graph, facts, copies).find();
}

class Live {
  readonly #flows: ReadonlyMap<Node, Flow>;
  readonly #readers = new Map<Node, Readers>();
  /** The place of a value's first channel among those of all values. */
  readonly #first = new Map<Value, number>();
  readonly #channels: Channel[] = [];
  readonly #parent: number[] = [];
  readonly #members = new Map<number, number[]>();
  readonly #live = new Set<number>();
  readonly #queue: number[] = [];

  constructor(
    readonly graph: Graph,
    facts: FactsOf,
    copies: CopiesOf,
  ) {
    this.#flows = new Map(graph.nodes.map((node) => [node, flowThrough(node, facts)]));
    for (const node of graph.nodes) {
      for (const value of node.results) this.#enter(value);
      const filters = filtersOf(node);
      const input = filters?.node.operands.input;
      if (!filters || !input) continue;
      const standIns = standInsOf(filters, facts(input), copies(input));
      this.#readers.set(node, new Readers(filters, standIns));
    }
    for (const { links, ties = [] } of this.#flows.values()) {
      for (const { operand, from, result, to } of links) {
        from.forEach((channel, i) => {
          this.#tie(operand, channel, result, to[i]!);
        });
      }
      for (const [value, a, b] of ties) this.#tie(value, a, value, b);
    }
    this.#channels.forEach((_, id) => {
      const root = this.#rootOf(id);
      const members = this.#members.get(root);
      if (members) members.push(id);
      else this.#members.set(root, [id]);
    });
  }

  find(): Stays {
    for (const { value } of this.graph.outputs) this.#keepAll(value);
    for (const [node, { pins = [] }] of this.#flows) {
      for (const { value, channels } of pins) this.#keepAll(value, channels);
      for (const value of node.results) if (value.type.shape.length < 2) this.#keepAll(value);
    }
    do this.#spread();
    while (this.#even());
    return (value) => {
      const first = this.#first.get(value);
      return Array.from(
        { length: channelsOf(value) },
        (_, channel) => first === undefined || this.#isLive(value, channel),
      );
    };
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

  #class(value: Value, channel: number): number {
    return this.#rootOf(this.#first.get(value)! + channel);
  }

  #tie(one: Value, a: number, other: Value, b: number): void {
    this.#parent[this.#class(one, a)] = this.#class(other, b);
  }

  #isLive(value: Value, channel: number): boolean {
    return this.#live.has(this.#class(value, channel));
  }

  /** Whether that is news. */
  #keep(value: Value, channel: number): boolean {
    const root = this.#class(value, channel);
    if (this.#live.has(root)) return false;
    this.#live.add(root);
    this.#queue.push(root);
    return true;
  }

  #keepAll(value: Value, channels?: readonly number[]): void {
    if (channels) for (const channel of channels) this.#keep(value, channel);
    else for (let channel = 0; channel < channelsOf(value); channel++) this.#keep(value, channel);
  }

  /** Keeps what filters of classes that were found to stay read. */
  #spread(): void {
    for (let root = this.#queue.pop(); root !== undefined; root = this.#queue.pop()) {
      for (const id of this.#members.get(root) ?? []) {
        const { value, channel } = this.#channels[id]!;
        const readers = this.#readers.get(value.node);
        if (!readers) continue;
        const { input } = readers.filters.node.operands;
        for (const needed of readers.neededBy(channel)) this.#keep(input, needed);
      }
    }
  }

  /** Keeps more channels where fewer would be no valid node; whether there were such. */
  #even(): boolean {
    let isNew = false;
    for (const node of this.graph.nodes) {
      const flow = this.#flows.get(node)!;
      if (!node.results.some((value) => this.#liveIn(value).length > 0)) continue;
      for (const value of [...node.results, ...operandsThatNeedChannels(node, flow)]) {
        if (this.#liveIn(value).length === 0) isNew = this.#keep(value, 0) || isNew;
      }
      const readers = this.#readers.get(node);
      if (readers && readers.filters.groups > 1) isNew = this.#evenGroups(readers) || isNew;
    }
    return isNew;
  }

  #evenGroups({ filters: { node, groups, inputsPerGroup, outputsPerGroup } }: Readers): boolean {
    const [input, result] = [node.operands.input, node.results[0]!];
    const [ins, outs] = [this.#liveIn(input), this.#liveIn(result)];
    const inputs = counted(ins, groups, inputsPerGroup);
    const outputs = counted(outs, groups, outputsPerGroup);
    const [mostInputs, mostOutputs] = [Math.max(...inputs, 1), Math.max(...outputs, 1)];
    let isNew = false;
    for (let group = 0; group < groups; group++) {
      if (inputs[group] === 0 && outputs[group] === 0) continue;
      const more = (value: Value, size: number, wanted: number): void => {
        for (let k = 0; k < size && wanted > 0; k++) {
          if (!this.#keep(value, group * size + k)) continue;
          wanted--;
          isNew = true;
        }
      };
      more(input, inputsPerGroup, mostInputs - inputs[group]!);
      more(result, outputsPerGroup, mostOutputs - outputs[group]!);
    }
    return isNew;
  }

  #liveIn(value: Value): number[] {
    const live: number[] = [];
    for (let c = 0; c < channelsOf(value); c++) if (this.#isLive(value, c)) live.push(c);
    return live;
  }
}

/** A node's flow; what is read as a constant may have other channels. */
function flowThrough(node: Node, facts: FactsOf): Flow {
  const flow = flowOf(node);
  const fixed = fixedOperand(node, facts);
  return fixed ? { ...flow, links: flow.links.filter(({ operand }) => operand !== fixed) } : flow;
}

/** How many channels of each group there are. */
function counted(channels: readonly number[], groups: number, perGroup: number): number[] {
  const counts = Array<number>(groups).fill(0);
  for (const channel of channels) counts[Math.floor(channel / perGroup)]!++;
  return counts;
}

/** A concatenation along channels may lose an operand; whatever else is read needs a channel. */
function operandsThatNeedChannels(node: Node, { links, reads }: Flow): Value[] {
  if (reads) return [reads];
  const mayLose = node.op === "concat" && node.attrs.axis === 1;
  return mayLose ? [] : [...new Set(links.map(({ operand }) => operand))];
}
