import type { Node, NodeOf, Value } from "../../ir/graph.js";
import { type ConvNode, isConvNode } from "../conv-node.js";
import { withConstants } from "../structural-pass.js";
import type { StructureChange } from "../structure-change.js";
import { filtersOf } from "./filters.js";
import { channelsOf } from "./flow.js";
import { constantIn } from "./range.js";
import { standInsOf } from "./reads.js";
import type { Channels, Rebuilt } from "./rebuild.js";
import { weakened } from "./weaken.js";

/** A node that is no longer the same, and what was done to it. */
export interface ChangedNode {
  readonly node: Node;
  readonly change: StructureChange;
}

/** Layers that write or read fewer channels, and activations that were weakened. */
export function changesOf({ replaced }: Rebuilt, channels: Channels): ChangedNode[] {
  const changes: ChangedNode[] = [];
  for (const [node, now] of replaced) {
    const told = isConvNode(node) ? ofLayer(node, channels) : ofActivation(node, channels);
    if (!told) continue;
    const after = told.isGone ? [] : withConstants([now.node]);
    const { family, reason } = told;
    const errors = { label: "rounding", weightError: 0, outputError: 0 } as const;
    changes.push({
      node,
      change: { family, reason, ...errors, before: withConstants([node]), after },
    });
  }
  return changes;
}

interface Told extends Pick<StructureChange, "family" | "reason"> {
  /** Whether nothing stands in its place. */
  readonly isGone: boolean;
}

function ofLayer(node: ConvNode, channels: Channels): Told | undefined {
  const { input } = node.operands;
  const result = node.results[0]!;
  const lost = goneFrom(result, channels);
  const unread = goneFrom(input, channels);
  if (lost.length > 0) {
    const family = `removes ${lost.length} of ${channelsOf(result)} channels`;
    return { family, reason: "nothing needs them", isGone: false };
  }
  if (unread.length === 0) return undefined;
  const family = `reads ${channelsOf(input) - unread.length} of ${channelsOf(input)} channels`;
  return { family, reason: whyUnread(node, unread, channels), isGone: false };
}

const goneFrom = (value: Value, { stays }: Channels): number[] =>
  stays(value).flatMap((isLeft, channel) => (isLeft ? [] : channel));

/** What the channels that a layer reads no longer were to it: `12 are zero, 1 is constant`. */
function whyUnread(node: ConvNode, unread: readonly number[], channels: Channels): string {
  const filters = filtersOf(node);
  const facts = channels.facts(node.operands.input);
  const standIns = filters ? standInsOf(filters, facts, channels.copies(node.operands.input)) : [];
  const counts = new Map<string, number>();
  for (const channel of unread) {
    const number = constantIn(facts[channel]!);
    const copied = standIns[channel]?.kind === "channel" ? "copied" : "not needed";
    const what = number === undefined ? copied : number === 0 ? "zero" : "constant";
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, n]) => `${n} ${n === 1 ? "is" : "are"} ${what}`).join(", ");
}

function ofActivation(node: Node, { facts }: Channels): Told | undefined {
  if (node.op !== "unary") return undefined;
  const fn = weakened(node, facts);
  if (fn === node.attrs.fn) return undefined;
  const family = fn ? `${nameOf(node)} becomes ${fn.kind}` : `${nameOf(node)} does nothing`;
  return { family, reason: "its input has bounds", isGone: fn === undefined };
}

const nameOf = ({ attrs: { fn } }: NodeOf<"unary">): string =>
  fn.kind === "clip" ? `clip(${fn.min}, ${fn.max})` : fn.kind;
