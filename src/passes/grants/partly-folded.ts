import { build } from "../../ir/build.js";
import { type Graph, type Node, operandsOf } from "../../ir/graph.js";
import { mapGraph } from "../../ir/rewrite.js";
import { foldBatchNorm } from "../fold-batch-norm.js";
import { foldBatchNormForward } from "../fold-batch-norm-forward.js";
import { foldScales } from "../fold-scales.js";
import { mergePad } from "../merge-pad.js";
import type { Pass } from "../pass.js";
import { removeIdentities } from "../remove-identities.js";
import { removeUnused } from "../remove-unused.js";
import { contextFor } from "../run.js";
import { splitGroups } from "../split-groups.js";
import { trimKernels } from "../trim-kernels.js";

/** A way to fold what is around some layers, and nothing else. */
interface Attempt {
  /** Whether what stands in front of a layer is folded into it, too. */
  readonly inFront: boolean;
  readonly passes: readonly Pass[];
}

const behind = [removeUnused, foldBatchNorm, foldScales];

/** The first leaves most as it is written. */
const attempts: readonly Attempt[] = [
  { inFront: false, passes: behind },
  {
    inFront: true,
    passes: [removeIdentities, ...behind, foldBatchNormForward, mergePad, trimKernels, splitGroups],
  },
];

/**
 * A graph of bound weights with no more folded than a change needs that was found in the network with all folds:
 * only what stands around the convolutions of some names is. What is left is a graph whose other weights are
 * parameters under their names. Undefined where `change` finds its layers in no such graph.
 */
export function partlyFolded(
  bound: Graph,
  names: ReadonlySet<string>,
  predictMs: (node: Node) => number,
  change: (graph: Graph) => Graph | undefined,
): Graph | undefined {
  for (const { inFront, passes } of attempts) {
    const start = withOthersOpen(bound, around(bound, names, inFront));
    const folded = passes.reduce(
      (graph, pass) => pass.run(graph, contextFor({ predictMs })),
      start,
    );
    const changed = change(folded);
    if (changed) return changed;
  }
  return undefined;
}

const isScale = ({ op }: Node): boolean => op === "batchNorm" || op === "binary";

/** Convolutions of some names with the batch norms, sums and products behind them, or also in front. */
function around({ nodes }: Graph, names: ReadonlySet<string>, inFront: boolean): Set<Node> {
  const found = new Set(nodes.filter(({ op, name }) => op === "conv2d" && names.has(name)));
  const reads = (node: Node): readonly Node[] => operandsOf(node).map((value) => value.node);
  for (const node of nodes) {
    if (isScale(node) && reads(node).some((operand) => found.has(operand))) found.add(node);
  }
  if (!inFront) return found;
  for (const node of nodes.toReversed()) {
    if (!found.has(node)) continue;
    for (const operand of reads(node)) if (isScale(operand)) found.add(operand);
  }
  return found;
}

/** The graph in which all weights but those of some nodes are parameters, which no pass can fold. */
function withOthersOpen(graph: Graph, known: ReadonlySet<Node>): Graph {
  const kept = new Set([...known].flatMap((node) => operandsOf(node).map((value) => value.node)));
  return mapGraph(graph, (node) => {
    if (node.op !== "constant" || node.attrs.role === "literal" || kept.has(node)) return undefined;
    const { role, shape } = node.attrs;
    return build("parameter", {}, { path: node.name, role, shape }, node);
  });
}
