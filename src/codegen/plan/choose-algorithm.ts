import { InternalError } from "../../diagnostics/report.js";
import type { Graph, Node, NodeOf, Value } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import { viewOperators } from "../../ir/views.js";
import type { Algorithm, Kernel, OperandNeed, Site } from "../kernels/algorithm.js";
import { algorithms } from "../kernels/index.js";
import type { KernelTarget } from "../target.js";
import { chooseWithinError } from "./choose-within-error.js";
import { elementWork, predictMs, printDuration } from "./predict-cost.js";

/** An algorithm that was not taken. */
export interface Rejected {
  readonly algorithm: string;
  readonly reason: string;
  /** What it would have taken; absent where it cannot compute the node. */
  readonly ms?: number;
}

/** The algorithm taken for one node, bound to it. */
export interface Choice {
  readonly algorithm: string;
  readonly rejected: readonly Rejected[];
  /** Milliseconds that it takes: predicted, or measured where `isMeasured`. */
  readonly ms: number;
  readonly isMeasured: boolean;
  /** Its error as a share of the largest result; 0 where it rounds as the plain sum does. */
  readonly error: number;
  readonly result: OperandNeed["order"];
  needs(operand: Value): OperandNeed;
  overwrites(operand: Value): boolean;
  build(site: Site): Kernel;
}

/** The operator's algorithms. The cast: a table by operator meets the union of nodes, whose `op` ties them. */
const algorithmsFor = (node: Node): readonly Algorithm<OpName>[] =>
  (algorithms[node.op] ?? []) as unknown as readonly Algorithm<OpName>[];

/** What the caller of the compiler wants of the choice. */
export interface Preferences {
  /** Whether algorithms that round more than the sum as it is written may be taken. */
  readonly roundMore: boolean;
  /** Milliseconds that were measured for a node by algorithm; they stand in for predicted ones. */
  measured?(node: Node): ReadonlyMap<string, number> | undefined;
  /** The algorithm to take whatever it costs, if it is one of these: each of them is to be measured. */
  prefer?(node: Node, candidates: readonly string[]): string | undefined;
}

/** An algorithm that can compute a node, and what that takes. */
export interface Candidate {
  readonly algorithm: Algorithm<OpName>;
  readonly ms: number;
  readonly isMeasured: boolean;
  readonly error: number;
}

/** A node's algorithms: those that can compute it, the fastest first, and the others with their reasons. */
export interface Candidates {
  readonly node: Node;
  readonly able: readonly Candidate[];
  readonly refused: readonly Rejected[];
}

function candidatesFor(node: Node, target: KernelTarget, preferences: Preferences): Candidates {
  const own = node as NodeOf<OpName>;
  const measured = preferences.measured?.(node);
  const refused: Rejected[] = [];
  const able: Candidate[] = [];
  for (const algorithm of algorithmsFor(node)) {
    const isSwitchedOff = algorithm.roundsMore && !preferences.roundMore;
    const reason = isSwitchedOff ? "it is switched off" : algorithm.refuse(own, target);
    if (reason !== undefined) {
      refused.push({ algorithm: algorithm.name, reason });
      continue;
    }
    const known = measured?.get(algorithm.name);
    const predicted = predictMs(algorithm.work?.(own, target) ?? elementWork(node), target);
    const error = algorithm.error?.(own) ?? 0;
    able.push({ algorithm, ms: known ?? predicted, isMeasured: known !== undefined, error });
  }
  if (able.length === 0) {
    const reasons = refused.map(({ algorithm, reason }) => `${algorithm}: ${reason}`).join("; ");
    throw new InternalError(
      `no kernel computes ${node.op} ${node.name} (${reasons || "none known"})`,
    );
  }
  return { node, able: able.sort(byTime), refused };
}

/** The faster first. Measured and predicted times do not compare: what was measured comes first. */
const byTime = (a: Candidate, b: Candidate): number =>
  Number(b.isMeasured) - Number(a.isMeasured) || a.ms - b.ms;

const inWords = ({ ms, isMeasured }: Candidate): string =>
  `${isMeasured ? "measured" : "predicted"} ${printDuration(ms)}`;

function reasonAgainst(other: Candidate, taken: Candidate): string {
  if (taken.isMeasured && !other.isMeasured) return "it was not measured, the others were";
  if (other.ms >= taken.ms) return `${inWords(other)} against ${printDuration(taken.ms)}`;
  return `${inWords(other)}, but the network's error would be too large`;
}

/** The candidate bound to its node. */
function choiceOf({ node, able, refused }: Candidates, taken: Candidate, isAsked: boolean): Choice {
  const own = node as NodeOf<OpName>;
  const { algorithm, ms, isMeasured, error } = taken;
  const beaten = able
    .filter((other) => other !== taken)
    .map((other) => ({
      algorithm: other.algorithm.name,
      reason: isAsked ? "another was asked for" : reasonAgainst(other, taken),
      ms: other.ms,
    }));
  return {
    algorithm: algorithm.name,
    rejected: [...refused, ...beaten],
    ms,
    isMeasured,
    error,
    result: algorithm.result(own),
    needs: (operand) => algorithm.needs(own, operand),
    overwrites: (operand) => algorithm.overwrites?.(own, operand) ?? false,
    build: (site) => algorithm.build(own, site),
  };
}

/** Whether a node has work to do, for which there are algorithms; results of others are views, or copies where they must be. */
export const isWorked = ({ op }: Node): boolean =>
  !viewOperators.has(op) || algorithms[op] !== undefined;

/**
 * Milliseconds that a node is predicted to take alone, with the fastest algorithm that can compute it; 0 for a
 * view.
 */
export function predictNodeMs(node: Node, target: KernelTarget, roundMore: boolean): number {
  return isWorked(node) ? candidatesFor(node, target, { roundMore }).able[0]!.ms : 0;
}

/** The names of a node's algorithms that could compute it, the fastest first; none for a view. */
export function candidateNames(
  node: Node,
  target: KernelTarget,
  preferences: Preferences,
): readonly string[] {
  if (!isWorked(node)) return [];
  return candidatesFor(node, target, preferences).able.map(({ algorithm }) => algorithm.name);
}

/**
 * The algorithm of each node that is no view: the fastest of those that can compute it, as far as the
 * error of the whole network allows.
 */
export function chooseAlgorithms(
  graph: Graph,
  target: KernelTarget,
  preferences: Preferences,
): Map<Node, Choice> {
  const worked = graph.nodes.filter(isWorked);
  const candidates = worked.map((node) => candidatesFor(node, target, preferences));
  const taken = chooseWithinError(candidates.map(({ able }) => able));
  return new Map(
    candidates.map((own, index) => {
      const { node, able } = own;
      const names = able.map(({ algorithm }) => algorithm.name);
      const asked = preferences.prefer?.(node, names);
      const preferred = able.find(({ algorithm }) => algorithm.name === asked);
      return [node, choiceOf(own, preferred ?? taken[index]!, preferred !== undefined)] as const;
    }),
  );
}
