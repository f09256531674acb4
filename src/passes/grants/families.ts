import { separateWithin } from "../separate-kernels.js";
import { stackWithin } from "../stack-kernels.js";
import type { GrantedKind, RewriteWithin } from "./family.js";
import { faster, fitPointwise } from "./fit-pointwise.js";

/** What finds the rewritings of each kind of grant. */
export type Families = Readonly<Partial<Record<GrantedKind, RewriteWithin>>>;

/** Factors of the kernel, or those that data show to be enough. */
const separate: RewriteWithin = (conv, tolerance, context, moments) => {
  const found = separateWithin(conv, tolerance, context);
  return moments ? faster(found, fitPointwise(conv, tolerance, moments), context) : found;
};

/** The kinds that can be granted. */
export const families: Families = { separate, stack: stackWithin };
