import type { Graph } from "../ir/graph.js";
import type { Tensor, TensorStore } from "../weights/store.js";

/**
 * A model read from another format: a graph whose trained numbers are `parameter` nodes, named by the
 * path under which `tensors` holds them. Binding, initialising and writing them out is then as for a `.cnn`.
 */
export interface Imported {
  readonly graph: Graph;
  readonly tensors: TensorStore;
}

/** What a reader may ask of its surroundings. */
export interface ImportContext {
  /** The model's file, for messages. */
  readonly path: string;
  /** The bytes of another file by its path relative to the model's folder; undefined when there is none. Paths outside the folder are refused. */
  read(path: string): Uint8Array | undefined;
  /** Sizes for input dimensions that the model leaves open, by input. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly batch: number | undefined;
  /** Inputs whose value is fixed while the model is read, by name. */
  readonly constants?: Readonly<Record<string, Tensor>> | undefined;
  /** Whether detection heads give decoded boxes instead of what their convolution gives. */
  readonly decode?: boolean | undefined;
  /** A file of weights in the place of the model's own; `unwanted` when the network gets others in another way. */
  readonly weights?: { readonly file: string; readonly bytes: Uint8Array } | "unwanted" | undefined;
}
