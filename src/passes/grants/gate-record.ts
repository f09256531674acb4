/** How far rewrites that approximate move a network's outputs, measured from end to end. */
export interface GateRecord {
  /** The number of inferences that were compared. */
  readonly samples: number;
  /** What they were made on: data that no rewrite was fitted to, or seeded noise in the range of the inputs. */
  readonly data: "held-out" | "noise";
  /** The largest relative L2 error of an output, over all samples together. */
  readonly relativeError: number;
  /** The share of images whose highest score is the same; undefined when no output is a vector. */
  readonly agreement?: number | undefined;
  /** The limit that a `verify` line sets. */
  readonly limit?: number | undefined;
  /** Layers whose rewrites were undone to stay within it, in order. */
  readonly undone: readonly string[];
}
