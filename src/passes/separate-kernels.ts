import { fitWithin } from "./factor/calibrated-search.js";
import type { KernelNode } from "./factor/kernel-axes.js";
import { exactTolerance, KernelSearch } from "./factor/kernel-search.js";
import type { Moments } from "./grants/moments.js";
import type { Pass, PassContext } from "./pass.js";
import { type Refusal, type Rewriting, structuralPass } from "./structural-pass.js";

const name = "separate-kernels";
const summary = "write large kernels as two small ones where that is exact and faster";

/**
 * Writes a convolution as two where its kernel is a product and they are predicted to be faster: columns of
 * taps then rows, filters of each channel then sums over channels, and the like (`factor/families.ts`). Fixed
 * filters are such products; trained kernels hardly ever are, and stay.
 *
 *   conv2d(x, W)  =  conv2d(conv2d(x, A), B),   W = Σ_r A_r · B_r
 *
 * Exact at borders, since the first has no bias. Kernels are examined as long as `effort` lasts; small ones,
 * those known at run time only, and those with an epilogue are not looked at.
 */
export const separateKernels: Pass = {
  name,
  summary,
  exactness: "rounding",
  run(graph, context) {
    const search = new KernelSearch(exactTolerance, context);
    search.examineAll(graph.nodes);
    return structuralPass<"conv2d" | "deconv2d">({
      name,
      summary,
      op: ["conv2d", "deconv2d"],
      exactness: "rounding",
      find: (node) => search.find(node),
    }).run(graph, context);
  },
};

/**
 * The fastest factors of a convolution whose error is at most `tolerance`: of the weights, or with moments of
 * the output as these predict it, to which the factors are then fitted. It is examined however long that takes.
 */
export function separateWithin(
  conv: KernelNode,
  tolerance: number,
  context: PassContext,
  moments?: Moments,
): Rewriting | Refusal {
  if (moments && conv.op === "conv2d") return fitWithin(conv, tolerance, context, moments);
  const effort = { left: Number.POSITIVE_INFINITY };
  const found = new KernelSearch(tolerance, { ...context, effort }).find(conv);
  return found ?? { refused: "its kernel is small or not known when compiling" };
}
