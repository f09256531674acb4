import { ExactStacks } from "./factor/stack-search.js";
import type { Pass } from "./pass.js";
import { structuralPass } from "./structural-pass.js";

export { stackWithin } from "./factor/stack-search.js";

const name = "stack-kernels";
const summary = "write large square kernels as several small ones where that is exact and faster";

/**
 * Writes a convolution with an odd square kernel from 5×5 on as two, one after the other, where its kernel is
 * such a product and they are predicted to be faster; what is still large is then looked at again, so that
 * 7×7 becomes three of 3×3.
 *
 *   W[p] = Σ_q B[q] · A[p − d · q],   A at stride d, then B at stride s / d
 *
 * All padding goes in front of the first, which has no bias: exact at borders, at the price of the rows and
 * columns that the second reads around the map. Filters that were designed so are such products; trained
 * kernels hardly ever are: a test of ranks rejects them. Kernels are searched as long as `effort` lasts, at the
 * least width that ranks allow; wider ones are tried only when effort is unlimited.
 */
export const stackKernels: Pass = {
  name,
  summary,
  exactness: "rounding",
  run(graph, context) {
    const stacks = new ExactStacks(context);
    return structuralPass<"conv2d">({
      name,
      summary,
      op: "conv2d",
      exactness: "rounding",
      find: (conv) => stacks.find(conv),
    }).run(graph, context);
  },
};
