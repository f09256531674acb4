import type { NodeOf, Value } from "../../ir/graph.js";
import type { OpName } from "../../ir/ops/index.js";
import type { LoopFunction } from "../loops/types.js";
import type { Halo, Layout } from "../plan/layout.js";
import type { KernelTarget } from "../target.js";
import type { Work } from "./work.js";

/**
 * What a kernel asks of an operand's layout. `nhwc` wants stride 1 along channels (rank 2 or 4),
 * `rowMajor` wants contiguous elements in logical order, `any` takes every strided layout.
 */
export interface OperandNeed {
  readonly order: "nhwc" | "rowMajor" | "any";
  /** Zeros that must lie around each image. */
  readonly halo?: Halo;
}

/** What a kernel's parameter stands for; one entry a parameter, in order. */
export type KernelArgument =
  /** The address of an operand. */
  | { readonly kind: "operand"; readonly value: Value }
  /** The address of result `index`. */
  | { readonly kind: "result"; readonly index: number }
  /** The address of data packed at compile time for this kernel. */
  | { readonly kind: "packed"; readonly label: string; readonly data: Float32Array }
  /** The address of another form of packed data, made from them once when the model is loaded. */
  | {
      readonly kind: "derived";
      readonly label: string;
      /** What the model's file holds: the weights as the direct kernel reads them. */
      readonly data: Float32Array;
      /** Size of the form. */
      readonly floats: number;
      readonly make: Maker;
    }
  /** The address of memory that the kernel may use during one call. */
  | { readonly kind: "scratch"; readonly floats: number }
  /** First and last (exclusive) unit of the kernel's range. */
  | { readonly kind: "rangeStart" }
  | { readonly kind: "rangeEnd" };

/** What makes a derived form. Parameters: `from` and `to` (floats), then `start` and `end` of its units. */
export interface Maker {
  readonly function: LoopFunction;
  readonly units: number;
}

/** A kernel for one node with its layouts settled. */
export interface Kernel {
  readonly function: LoopFunction;
  readonly arguments: readonly KernelArgument[];
  /** Units (rows, channel blocks) that one call's range may cover; calls may split it anywhere. 1 when the kernel takes no range. */
  readonly units: number;
  /** Kernels that run before it, each over all its units; they share scratch that is the same object. */
  readonly before?: readonly Kernel[];
}

/** Where a kernel is built: the layouts of what it reads and writes. */
export interface Site {
  readonly target: KernelTarget;
  layoutOf(value: Value): Layout;
}

/**
 * One way to compute one operator. `refuse` gives the reason why a node is not for it; `needs` what it
 * asks of each operand; `result` the order of the result; `build` makes the loops.
 */
export interface Algorithm<K extends OpName> {
  readonly name: string;
  readonly op: K;
  /** Whether its rounding errors are larger than those of the sum as it is written: `winograd(off)` and level 0 forbid it. */
  readonly roundsMore?: boolean;
  refuse(node: NodeOf<K>, target: KernelTarget): string | undefined;
  /** What the node takes, for the choice between algorithms: a pass over its elements unless told. */
  work?(node: NodeOf<K>, target: KernelTarget): Work;
  /**
   * The largest error of the result beyond that of the plain sum, as a share of the largest result: what
   * an algorithm that rounds more has been measured to make of a node of this size.
   */
  error?(node: NodeOf<K>): number;
  /** Asked once per operand that is not a constant read while packing. */
  needs(node: NodeOf<K>, operand: Value): OperandNeed;
  /** The result's order: as the operands are stored (`any`), or one it must have. */
  result(node: NodeOf<K>): OperandNeed["order"];
  /** Whether the result may be written over this operand (same layout, dead afterwards). */
  overwrites?(node: NodeOf<K>, operand: Value): boolean;
  build(node: NodeOf<K>, site: Site): Kernel;
}
