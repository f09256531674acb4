import type { Value } from "../graph.js";
import type { Operator } from "./operator.js";

export type BatchNormOperands = {
  /** `[n, c, …]`. */
  readonly input: Value;
  /** Each `[c]`. */
  readonly gamma: Value;
  readonly beta: Value;
  readonly mean: Value;
  readonly variance: Value;
};
export interface BatchNormAttributes {
  readonly epsilon: number;
}
/** `γ · (x − μ) / √(σ² + ε) + β` per channel. */
export declare const batchNorm: Operator<BatchNormOperands, BatchNormAttributes>;

export type GroupNormOperands = {
  readonly input: Value;
  readonly gamma: Value;
  readonly beta: Value;
};
export interface GroupNormAttributes {
  /** The number of groups; as many as channels is instance norm. */
  readonly groups: number;
  readonly epsilon: number;
}
/** Normalises each image's groups of channels by their own mean and (biased) variance, then `γ · x + β`. */
export declare const groupNorm: Operator<GroupNormOperands, GroupNormAttributes>;

export type NormOperands = {
  readonly input: Value;
};
export interface LrnAttributes {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}
/** `x / (bias + alpha / size · Σ x²)^beta` over `size` neighbouring channels (ONNX and PyTorch). */
export declare const lrn: Operator<NormOperands, LrnAttributes>;

export interface SoftmaxAttributes {
  readonly axis: number;
  readonly log: boolean;
}
export declare const softmax: Operator<NormOperands, SoftmaxAttributes>;
