import { macsOf } from "../ir/cost.js";
import { type Graph, type Node, type NodeOf, operandsOf, type Value } from "../ir/graph.js";
import type { OpName } from "../ir/ops/index.js";
import type { Exactness } from "../ir/ops/operator.js";
import { inOrder } from "../ir/order.js";
import { defineRule, rewriteGraph, type Uses } from "../ir/rewrite.js";
import type { Pass, PassContext } from "./pass.js";
import type { StructureChange } from "./structure-change.js";

/** What could stand in place of a node's result. */
export interface Rewriting extends Omit<StructureChange, "before" | "after"> {
  readonly value: Value;
  /**
   * The nodes whose work it saves: the replaced one, and those that nobody else reads. Their constants need
   * not be listed.
   */
  readonly replaces: readonly Node[];
}

/** Why a node that was looked at is left as it is: a clause in lower case. */
export interface Refusal {
  readonly refused: string;
}

/** One kind of local change of the network's structure. */
export interface Finder<K extends OpName> {
  readonly name: string;
  readonly summary: string;
  readonly op: K | readonly K[];
  readonly exactness: Exactness;
  /** Undefined where there is nothing to look at; a refusal where a user may ask why nothing was done. */
  find(
    node: { [P in K]: NodeOf<P> }[K],
    uses: Uses,
    context: PassContext,
  ): Rewriting | Refusal | undefined;
}

/** A rewrite must save this share of the predicted time, or it is not worth its rounding. */
export const leastGain = 0.05;

/**
 * A pass that makes local changes of structure where they pay: a rewriting is made when the nodes it adds
 * are predicted to take less time than those it saves, by `leastGain`.
 */
export function structuralPass<K extends OpName>(finder: Finder<K>): Pass {
  const { name, summary, exactness, op } = finder;
  const run = (graph: Graph, context: PassContext): Graph => {
    const found = new Map<object, StructureChange>();
    const refused = new Map<object, string>();
    const rule = defineRule<K>({
      name,
      op,
      exactness,
      apply(node, uses) {
        const finding = finder.find(node, uses, context);
        if (!finding) return undefined;
        const change = judge(finding, context);
        if ("refused" in change) {
          refused.set(node, change.refused);
          return undefined;
        }
        found.set(node, change.made);
        return change.value;
      },
    });
    const { graph: rewritten, fired } = rewriteGraph(graph, [rule], context.budget);
    for (const { node } of fired) context.record(node, found.get(node));
    for (const node of rewritten.nodes) {
      const reason = refused.get(node);
      if (reason !== undefined) context.refuse(node, reason);
    }
    return rewritten;
  };
  return { name, summary, exactness, run };
}

/** A finding that is to be made, as the change that it is, or why it is not made. */
function judge(
  finding: Rewriting | Refusal,
  context: PassContext,
): { readonly made: StructureChange; readonly value: Value } | Refusal {
  if ("refused" in finding) return finding;
  const made = changeOf(finding);
  if (pays(made.before, made.after, context)) return { made, value: finding.value };
  return { refused: `${finding.family} would not be faster` };
}

/**
 * Whether nodes are predicted to take clearly less time than those that they stand in for, with no more
 * multiply-accumulates: a prediction that is a little wrong must not make a network larger.
 */
export const pays = (
  before: readonly Node[],
  after: readonly Node[],
  context: PassContext,
): boolean =>
  predictAll(after, context) <= (1 - leastGain) * predictAll(before, context) &&
  macsIn(after) <= macsIn(before);

const macsIn = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => sum + macsOf(node), 0);

/** Predicted milliseconds of nodes, one after the other. */
export const predictAll = (
  nodes: readonly Node[],
  { predictMs }: Pick<PassContext, "predictMs">,
): number => nodes.reduce((sum, node) => sum + predictMs(node), 0);

/** A rewriting with the nodes that it saves and adds, constants among them. */
export function changeOf({ value, replaces, ...rest }: Rewriting): StructureChange {
  const old = new Set(replaces);
  const kept = new Set(replaces.flatMap(operandNodes).filter((node) => !old.has(node)));
  const added = inOrder([value.node], (node) => kept.has(node));
  return { ...rest, before: withConstants(replaces), after: withConstants(added) };
}

const operandNodes = (node: Node): Node[] => operandsOf(node).map((value) => value.node);

/** Nodes and the constants that they read, each once. */
export const withConstants = (nodes: readonly Node[]): Node[] => {
  const read = nodes.flatMap(operandNodes).filter(({ op }) => op === "constant");
  return [...new Set([...nodes, ...read])];
};
