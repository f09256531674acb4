import type { Node } from "../ir/graph.js";
import type { Exactness } from "../ir/ops/operator.js";

/** What a rewrite did to the network's structure, for the reports of a compilation. */
export interface StructureChange {
  /** What was made of what, in a few words: `5x5 = 5x1 · 1x5, rank 3`. */
  readonly family: string;
  /** How far results may move because of it. */
  readonly label: Exactness;
  /** Relative Frobenius error of the kernel that the new factors make; 0 where no kernel is approximated. */
  readonly weightError: number;
  /** Relative L2 error of the layer's result on held-out data; 0 for exact ones, NaN where it was not measured. */
  readonly outputError: number;
  /** The nodes that are needed no longer, constants among them. */
  readonly before: readonly Node[];
  /** The nodes that stand in their place, constants among them. */
  readonly after: readonly Node[];
  /** Why it was done, a clause in lower case: `merging 3 branches saves 2 of 3 convolutions`. */
  readonly reason: string;
}
