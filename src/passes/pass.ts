import type { Report } from "../diagnostics/report.js";
import type { Graph, Node } from "../ir/graph.js";
import type { Exactness } from "../ir/ops/operator.js";
import { type Budget, type Rule, rewriteGraph } from "../ir/rewrite.js";
import type { Calibration } from "./calibration.js";
import type { GateRecord } from "./grants/gate-record.js";
import type { StructureChange } from "./structure-change.js";

/** What a pass may use while it runs. */
export interface PassContext {
  /** How many rewrites may still be made, by all passes together. */
  readonly budget: Budget;
  /**
   * How many multiply-accumulates all passes together may still spend on looking for structure in weights.
   * A pass that wants more than is left calls `refuse`: the layer was not examined.
   */
  readonly effort: Budget;
  /** Takes note of one rewrite of a node, and of what it did to the network's structure. */
  record(node: Node, change?: StructureChange): void;
  /** Takes note of a node that a pass looked at and left as it is; the reason is a clause in lower case. */
  refuse(node: Node, reason: string): void;
  /** Milliseconds that a node is predicted to take on the target, as if nothing were fused with it. */
  predictMs(node: Node): number;
  /** The data that granted rewrites are fitted to and measured on; undefined when there are none. */
  readonly calibration?: Calibration | undefined;
  /** Where a pass tells users what became of what they asked for. */
  readonly report: Report;
  /** Takes note of how far all rewrites that approximate move the network's outputs. */
  measured(gate: GateRecord): void;
}

/** A step of the way from the graph as written to the graph that is compiled. */
export interface Pass {
  /** Kebab-case, verb first: the name on the command line and of the file. */
  readonly name: string;
  /** What it does, in one line for a list of passes. */
  readonly summary: string;
  /** How far results may move. */
  readonly exactness: Exactness;
  /** The new graph; the same object when nothing changed. */
  run(graph: Graph, context: PassContext): Graph;
}

/** A pass that applies one rule until it fires nowhere. */
export const rulePass = (summary: string, rule: Rule): Pass => ({
  name: rule.name,
  summary,
  exactness: rule.exactness,
  run: (graph, context) => applyRules(graph, [rule], context),
});

/** Applies rules until none fires, within the context's budget, and records what fired. */
export function applyRules(graph: Graph, rules: readonly Rule[], context: PassContext): Graph {
  const { graph: rewritten, fired } = rewriteGraph(graph, rules, context.budget);
  for (const { node } of fired) context.record(node);
  return rewritten;
}

/** Spends one rewrite on a node; false when none is left. For passes that are not made of rules. */
export function spend(node: Node, context: PassContext, change?: StructureChange): boolean {
  if (context.budget.left <= 0) return false;
  context.budget.left--;
  context.record(node, change);
  return true;
}
