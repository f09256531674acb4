import { InternalError } from "../../diagnostics/report.js";
import type { Node, NodeOf, Value } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import type { Algorithm, Kernel, OperandNeed, Site } from "../kernels/algorithm.js";
import { algorithms } from "../kernels/index.js";
import type { KernelTarget } from "../target.js";

/** The algorithm taken for one node, bound to it. */
export interface Choice {
  readonly algorithm: string;
  readonly rejected: readonly { readonly algorithm: string; readonly reason: string }[];
  readonly result: OperandNeed["order"];
  needs(operand: Value): OperandNeed;
  overwrites(operand: Value): boolean;
  build(site: Site): Kernel;
}

/** The operator's algorithms. The cast: a table by operator meets the union of nodes, whose `op` ties them. */
const candidatesFor = (node: Node): readonly Algorithm<OpName>[] =>
  (algorithms[node.op] ?? []) as unknown as readonly Algorithm<OpName>[];

/** What the caller of the compiler wants of the choice. */
export interface Preferences {
  /** Whether algorithms that round more than the sum as it is written may be taken. */
  readonly roundMore: boolean;
}

/** The first of a node's algorithms that does not refuse it; the reasons of those before are kept. */
export function chooseAlgorithm(
  node: Node,
  target: KernelTarget,
  { roundMore }: Preferences,
): Choice {
  const rejected: { algorithm: string; reason: string }[] = [];
  const own = node as NodeOf<OpName>;
  for (const algorithm of candidatesFor(node)) {
    const isSwitchedOff = algorithm.roundsMore && !roundMore;
    const reason = isSwitchedOff ? "it is switched off" : algorithm.refuse(own, target);
    if (reason !== undefined) {
      rejected.push({ algorithm: algorithm.name, reason });
      continue;
    }
    return {
      algorithm: algorithm.name,
      rejected,
      result: algorithm.result(own),
      needs: (operand) => algorithm.needs(own, operand),
      overwrites: (operand) => algorithm.overwrites?.(own, operand) ?? false,
      build: (site) => algorithm.build(own, site),
    };
  }
  const reasons = rejected.map(({ algorithm, reason }) => `${algorithm}: ${reason}`).join("; ");
  throw new InternalError(
    `no kernel computes ${node.op} ${node.name} (${reasons || "none known"})`,
  );
}
