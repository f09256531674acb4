import type { Graph } from "../ir/graph.js";

/** One inference's inputs: by name, row-major, with the batch of the graph. Bytes are numbers from 0 to 255. */
export type Sample = ReadonlyMap<string, Float32Array>;

/** What a graph gives for each sample: its outputs by name. */
export type Compute = (graph: Graph, samples: readonly Sample[]) => readonly Sample[];

/** Data of the kind that the network will meet, or noise in their place. */
export interface Calibration {
  /** What factors are fitted to; empty for noise. */
  readonly fit: readonly Sample[];
  /** What errors are measured on; none of them is in `fit`. */
  readonly heldOut: readonly Sample[];
  /** Whether the samples are noise, because there are no data: layers are not judged by them then. */
  readonly isNoise?: boolean | undefined;
  /**
   * What a graph gives for each sample: its outputs by name. The inputs are those of the model; intermediate
   * values are seen by asking for a graph that gives them out.
   */
  readonly compute: Compute;
}
