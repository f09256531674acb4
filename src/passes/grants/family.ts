import type { NodeOf } from "../../ir/graph.js";
import type { PassContext } from "../pass.js";
import type { Refusal, Rewriting } from "../structural-pass.js";
import type { Moments } from "./moments.js";

/** The kinds of grants that let layers be rewritten. */
export type GrantedKind = "separate" | "stack" | "prune";

/**
 * The cheapest rewriting of a convolution whose error is at most `tolerance` of its size: the error of the
 * weights, or with moments what they make of it at the output. The rewriting reads the convolution's own input.
 * It need not pay, nor keep the tolerance on data that the moments do not show: the caller judges both.
 */
export type RewriteWithin = (
  conv: NodeOf<"conv2d">,
  tolerance: number,
  context: PassContext,
  moments?: Moments,
) => Rewriting | Refusal;
