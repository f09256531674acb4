import type { Graph } from "../ir/graph.js";

/** One inference's inputs: by name, row-major, with the batch of the graph. */
export type Sample = ReadonlyMap<string, Float32Array>;

/** Data of the kind that the network will meet. */
export interface Calibration {
  /** What factors are fitted to. */
  readonly fit: readonly Sample[];
  /** What errors are measured on; none of them is in `fit`. */
  readonly heldOut: readonly Sample[];
  /**
   * What a graph gives for each sample: its outputs by name. The inputs are those of the model; intermediate
   * values are seen by asking for a graph that gives them out.
   */
  compute(graph: Graph, samples: readonly Sample[]): readonly Sample[];
}
