import { type Filters, isUnconnected } from "./filters.js";
import { constantIn, type Facts } from "./range.js";
import type { Copies } from "./similar-filters.js";

/** What stands in for an input channel of filters when it goes. */
export type StandIn =
  /** Nothing reads it as more than zeros, or as a number that goes into the bias. */
  | { readonly kind: "bias"; readonly value: number }
  /** The weights go to another channel of the same group, times this. */
  | { readonly kind: "channel"; readonly channel: number; readonly times: number };

/**
 * What may stand in for each input channel: its number in the bias, unless padding would show; a channel
 * that it is a multiple of. Where padding is seen, all channels of one number share the first of them, as
 * a single one still tells the inside from the padding. Undefined for channels that only stand for themselves.
 */
export function standInsOf(
  filters: Filters,
  facts: Facts,
  copies: Copies,
): readonly (StandIn | undefined)[] {
  const groupOf = (channel: number): number => Math.floor(channel / filters.inputsPerGroup);
  const shared = new Map<number, number>();
  const first = facts.map((range, channel): StandIn | undefined => {
    const value = constantIn(range);
    if (value === undefined) return undefined;
    if (value === 0 || !filters.isPadded) return { kind: "bias", value };
    const group = groupOf(channel);
    const original = shared.get(group);
    if (original === undefined) {
      shared.set(group, channel);
      return undefined;
    }
    const times = value / (constantIn(facts[original]!) ?? 1);
    return { kind: "channel", channel: original, times };
  });
  return first.map((standIn, channel) => {
    const copy = copies.get(channel);
    if (standIn || !copy || constantIn(facts[channel]!) !== undefined) return standIn;
    if (groupOf(copy.of) !== groupOf(channel) || first[copy.of]) return undefined;
    return { kind: "channel", channel: copy.of, times: copy.times };
  });
}

/** Tells, step by step, which input channels filters need as more of their outputs are found to be needed. */
export class Readers {
  /** By group, input channels that no needed output has been found to read. */
  readonly #waiting: number[][];

  constructor(
    readonly filters: Filters,
    readonly standIns: readonly (StandIn | undefined)[],
  ) {
    const { groups, inputsPerGroup } = filters;
    this.#waiting = Array.from({ length: groups }, (_, group) =>
      Array.from({ length: inputsPerGroup }, (_, k) => k).filter(
        (k) => standIns[group * inputsPerGroup + k]?.kind !== "bias",
      ),
    );
  }

  /** Input channels that an output channel needs and that were not named before. */
  neededBy(output: number): number[] {
    const { filters, standIns } = this;
    const group = Math.floor(output / filters.outputsPerGroup);
    const first = group * filters.inputsPerGroup;
    const isRead = (k: number): boolean => !isUnconnected(filters, output, k);
    const waiting = this.#waiting[group]!;
    const read = waiting.filter(isRead);
    if (read.length > 0) this.#waiting[group] = waiting.filter((k) => !isRead(k));
    return read.map((k) => {
      const standIn = standIns[first + k];
      return standIn?.kind === "channel" ? standIn.channel : first + k;
    });
  }
}
