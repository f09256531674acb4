import type { Graph, Node, Value } from "../../ir/graph.js";
import type { Call, LoopModule } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import type { Rejected } from "./choose-algorithm.js";
import type { Layout } from "./layout.js";

/** Where a value lies once memory is planned. */
export interface Placement {
  readonly layout: Layout;
  /** Byte address of logical element 0. */
  readonly bytes: number;
}

/** One planned node, for reports: what computes it and what that costs. */
export interface PlannedLayer {
  readonly node: Node;
  readonly algorithm: string;
  /** Other algorithms of the operator, with the reason each was not taken. */
  readonly rejected: readonly Rejected[];
  /** Milliseconds that the algorithm takes: predicted, or measured where `isMeasured`; 0 for views. */
  readonly ms: number;
  readonly isMeasured: boolean;
  readonly macs: number;
  /** Bytes of packed constants that it reads. */
  readonly weightBytes: number;
  /** Bytes of its result in the arena, halo included. */
  readonly arenaBytes: number;
}

/** Constants in the order of the memory: one block, loaded at byte `address`. */
export interface WeightBlock {
  readonly label: string;
  readonly address: number;
  readonly data: Float32Array;
}

/** How numbers are stored in the weights file: as they are, or rounded to IEEE halves. */
export type WeightsPrecision = "f32" | "f16";

/** The file that holds the constants, and the address at which it is loaded into memory. */
export interface WeightsFile {
  readonly precision: WeightsPrecision;
  readonly bytes: number;
  readonly address: number;
}

/** A graph with every choice made: loops, addresses, constants. What the packager ships. */
export interface Plan {
  readonly graph: Graph;
  readonly target: KernelTarget;
  readonly placements: ReadonlyMap<Value, Placement>;
  readonly layers: readonly PlannedLayer[];
  readonly module: LoopModule;
  /** The nodes that calls of the schedule compute; halo fills and copies belong to none. */
  readonly callNodes: ReadonlyMap<Call, Node>;
  readonly weights: readonly WeightBlock[];
  /** Bytes of all weights, which lie at the start of memory. */
  readonly weightBytes: number;
  readonly weightsFile: WeightsFile;
  /** Bytes of the arena behind them, and of the forms of weights that are made when the model is loaded. */
  readonly arenaBytes: number;
  readonly derivedBytes: number;
  /** Smallest arena that any order of these buffers could have: the largest sum of bytes live at once. */
  readonly arenaBound: number;
  /** Where the caller's tensors go in and out: row-major, in the source's axis order. */
  readonly inputs: readonly { readonly name: string; readonly bytes: number }[];
  readonly outputs: readonly { readonly name: string; readonly bytes: number }[];
}
