import type { Value } from "../graph.js";
import type { Pair, Sides } from "./conv.js";
import type { Operator } from "./operator.js";

export type PoolOperands = {
  readonly input: Value;
};

export interface MaxPoolAttributes {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Sides;
  /** Rounds the output size up; no window starts in the far padding (as in PyTorch). */
  readonly ceil: boolean;
}
/** Largest value of each window; padding never wins. Input `[n, c, h, w]`. */
export declare const maxPool: Operator<PoolOperands, MaxPoolAttributes>;

export interface AvgPoolAttributes extends MaxPoolAttributes {
  /** Whether the divisor counts padding inside the padded input (never what `ceil` adds beyond it). */
  readonly countIncludePad: boolean;
}
/** Mean of each window. */
export declare const avgPool: Operator<PoolOperands, AvgPoolAttributes>;

export interface ReduceAttributes {
  readonly fn: "mean" | "sum" | "max" | "min";
  /** Ascending axes of the input. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}
/** Reduces whole axes; global pooling is `axes [2, 3]` with `keepDims`. */
export declare const reduce: Operator<PoolOperands, ReduceAttributes>;
