import { separateWithin } from "../separate-kernels.js";
import { stackWithin } from "../stack-kernels.js";
import type { GrantedKind, RewriteWithin } from "./family.js";

/** What finds the rewritings of each kind of grant. */
export type Families = Readonly<Partial<Record<GrantedKind, RewriteWithin>>>;

/** The kinds that can be granted. */
export const families: Families = { separate: separateWithin, stack: stackWithin };
