import type { Graph, Node, Value } from "../../ir/graph.js";
import { ChannelClasses } from "./channel-classes.js";
import type { CopiesOf } from "./copies.js";
import type { FactsOf } from "./facts.js";
import { filtersOf } from "./filters.js";
import { channelsOf, type Flow } from "./flow.js";
import { Readers, standInsOf } from "./reads.js";

/** Whether each channel of a value stays. */
export type Stays = (value: Value) => readonly boolean[];

/**
 * Which channels of each value stay. Channels that must go together are one class. A class stays when it is
 * pinned, or when a filter that stays reads one of its channels and nothing can stand in for it. Groups of
 * a convolution stay equally large, and no value that is read is left without channels. Those that nodes in
 * `staying` make stay, too.
 */
export function findLive(
  graph: Graph,
  facts: FactsOf,
  copies: CopiesOf,
  staying: ReadonlySet<Node> = new Set(),
): Stays {
  return new Live(graph, facts, copies).find(staying);
}

class Live {
  readonly #classes: ChannelClasses;
  readonly #readers = new Map<Node, Readers>();
  readonly #live = new Set<number>();
  readonly #queue: number[] = [];

  constructor(
    readonly graph: Graph,
    facts: FactsOf,
    copies: CopiesOf,
  ) {
    this.#classes = new ChannelClasses(graph, facts);
    for (const node of graph.nodes) {
      const filters = filtersOf(node);
      const input = filters?.node.operands.input;
      if (!filters || !input) continue;
      const standIns = standInsOf(filters, facts(input), copies(input));
      this.#readers.set(node, new Readers(filters, standIns));
    }
  }

  find(staying: ReadonlySet<Node>): Stays {
    for (const node of staying) {
      for (const value of node.results) {
        for (let channel = 0; channel < channelsOf(value); channel++) this.#keep(value, channel);
      }
    }
    for (const { value, channel } of this.#classes.pinned()) this.#keep(value, channel);
    do this.#spread();
    while (this.#even());
    return (value) => {
      const isOutside = !this.#classes.has(value);
      return Array.from(
        { length: channelsOf(value) },
        (_, channel) => isOutside || this.#isLive(value, channel),
      );
    };
  }

  #isLive(value: Value, channel: number): boolean {
    return this.#live.has(this.#classes.of(value, channel));
  }

  /** Whether that is news. */
  #keep(value: Value, channel: number): boolean {
    const root = this.#classes.of(value, channel);
    if (this.#live.has(root)) return false;
    this.#live.add(root);
    this.#queue.push(root);
    return true;
  }

  /** Keeps what filters of classes that were found to stay read. */
  #spread(): void {
    for (let root = this.#queue.pop(); root !== undefined; root = this.#queue.pop()) {
      for (const { value, channel } of this.#classes.membersOf(root)) {
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
      const flow = this.#classes.flowOf(node);
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
