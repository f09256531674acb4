import type { Node } from "../ir/graph.js";
import type { Uses } from "../ir/rewrite.js";
import type { PassContext } from "./pass.js";
import { type Refusal, type Rewriting, structuralPass } from "./structural-pass.js";
import { hasMap, type View, viewsOf } from "./window-maps/branch.js";
import { convolutionLike } from "./window-maps/convolution-of.js";
import { savingOf } from "./window-maps/draft.js";
import type { WindowMap } from "./window-maps/window-map.js";
import { chainWords, windowWords } from "./window-maps/words.js";

/**
 * Composes linear operators that follow each other into one convolution where that is predicted to be faster:
 *
 *   conv(conv(x, A) + a, B) + b  =  conv(x, B ∗ A) + (b + Σ B·a)
 *
 * A 3×3 kernel and a 1×1 after it, a 1×1 and a kernel, an average pool that counts its padding after a
 * convolution, two products. Where the second one pads, `a` is missing at the border, so the bias becomes an
 * image, if that is small; and the first one must make zeros of zeros there, else nothing is done. Values in
 * between must have no other reader.
 */
export const composeKernels = structuralPass({
  name: "compose-kernels",
  summary: "compose linear operators that follow each other where one is faster",
  op: ["conv2d", "linear", "avgPool"],
  exactness: "rounding",
  find(node, uses, context) {
    const views = viewsBehind(node, uses);
    if (views.length < 2) return undefined;
    const best = bestOf(views, context);
    return best ? composed(node, best) : refusalOf(views);
  },
});

/** A chain that is one convolution. */
type Whole = View & { readonly map: WindowMap };

/** What a node is of the values before it; nothing where an activation or a leaf feeds it. */
function viewsBehind(node: Node, uses: Uses): View[] {
  const views = viewsOf(node, uses);
  return views.some(({ nodes }) => nodes.slice(1).some(isWeighted) || isConv(nodes)) ? views : [];
}

const isWeighted = ({ op }: Node): boolean => op === "conv2d" || op === "linear";

/** Whether a convolution reads something that it may take in: a batch norm, a product with constants. */
const isConv = (nodes: readonly Node[]): boolean => nodes.length > 1 && isWeighted(nodes[0]!);

/** The longest saving of a chain's beginnings; undefined when none saves time. */
function bestOf(views: readonly View[], context: PassContext): Whole | undefined {
  let best: { readonly ms: number; readonly view: Whole } | undefined;
  for (const view of views.slice(1)) {
    if (!hasMap(view)) continue;
    const saved = savingOf(view.map, view.nodes, context);
    if (saved?.isModest && saved.ms > (best?.ms ?? 0)) best = { ms: saved.ms, view };
  }
  return best?.view;
}

function composed(node: Node, { map, nodes }: Whole): Rewriting | Refusal {
  const value = convolutionLike(node.results[0]!, map);
  if (!value) return { refused: "a number of the composed kernel is too large" };
  return {
    value,
    replaces: nodes,
    family: `${windowWords(value)} = ${chainWords(nodes)}`,
    label: "rounding",
    weightError: 0,
    outputError: 0,
    reason: `nothing stands between ${nodes.length} linear operators`,
  };
}

/** Why two kernels after each other stay two; nothing where there is only one kernel. */
function refusalOf(views: readonly View[]): Refusal | undefined {
  const kernels = views.at(-1)!.nodes.filter(isWeighted);
  if (kernels.length < 2) return undefined;
  for (const { map } of views) if ("refused" in map) return map;
  return { refused: `${chainWords(kernels)} would not be faster as one convolution` };
}
