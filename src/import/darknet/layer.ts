import type { Value } from "../../ir/graph.js";
import type { Role } from "../../ir/ops/leaf.js";
import type { Options } from "./options.js";

/** Where a layer stands while the network is built. */
export interface Site {
  /** Layers are counted from 0; `[net]` is none. */
  readonly index: number;
  /** What the layer before gives: an image `[n, c, h, w]` or a vector `[n, k]`. */
  readonly input: Value;
  /** Rows and columns of the network's input, where it takes images. */
  readonly net: { readonly height: number; readonly width: number };
  /** Whether detection heads give boxes instead of what arrives. */
  readonly decode: boolean;
  /** What another layer gives: counted from the start, or back from this one when negative. */
  layer(key: string, reference: number): Value;
  /** The next numbers of the weights file. */
  parameter(path: string, shape: readonly number[], storage?: Storage): Value;
  /** A constant, each number by its place; refused when the network's constants grow without measure. */
  literal(shape: readonly number[], of: (at: number) => number): Value;
}

/** How a tensor lies in the weights file. */
export interface Storage {
  readonly role?: Role;
  /** The matrix of the first axis by all others is stored column by column. */
  readonly isTransposed?: boolean;
  /** The same, but in files of an old version only. */
  readonly wasTransposed?: boolean;
  /** Another layer's numbers are read once more. */
  readonly isShared?: boolean;
}

/** What a layer gives the next ones, and whether it is one of the network's results. */
export interface Made {
  /** Undefined when no layer may read it. */
  readonly value: Value | undefined;
  readonly output?: { readonly name: string; readonly value: Value };
}

/** Reads a section's options, all of them, and then builds the layer. */
export type LayerReader = (options: Options) => (site: Site) => Value | Made;

/** A layer that does not fit what arrives. */
export class LayerError extends Error {
  override readonly name = "LayerError";
}
