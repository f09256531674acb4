import type { Value } from "../graph.js";
import type { Operator } from "./operator.js";

export type ShapeOperands = {
  readonly input: Value;
};
export type ConcatOperands = {
  readonly inputs: readonly Value[];
};

/** Same elements in row-major order under another shape. */
export declare const reshape: Operator<ShapeOperands, { readonly shape: readonly number[] }>;
/** Result axis `i` is input axis `permutation[i]`. */
export declare const transpose: Operator<
  ShapeOperands,
  { readonly permutation: readonly number[] }
>;
export declare const concat: Operator<ConcatOperands, { readonly axis: number }>;

export interface SliceAttributes {
  /** Per axis: first index, number of elements taken, and step (never 0; may be negative). */
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}
export declare const slice: Operator<ShapeOperands, SliceAttributes>;
/** Several results: consecutive parts along one axis. */
export declare const split: Operator<
  ShapeOperands,
  { readonly axis: number; readonly sizes: readonly number[] }
>;

export interface PadAttributes {
  /** Per axis, elements added in front and behind; never negative. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly mode: "constant" | "reflect" | "edge";
  readonly value: number;
}
export declare const pad: Operator<ShapeOperands, PadAttributes>;

export interface ResizeAttributes {
  readonly mode: "nearest" | "bilinear";
  /** Height and width of the result. */
  readonly size: readonly [number, number];
}
/** Half-pixel centres (`align_corners=false`); nearest takes `floor(y · in / out)`, as PyTorch. */
export declare const resize: Operator<ShapeOperands, ResizeAttributes>;

/** ShuffleNet's shuffle: channels as `[groups, c / groups]`, transposed. */
export declare const channelShuffle: Operator<ShapeOperands, { readonly groups: number }>;
/** PyTorch's pixel shuffle: `[n, c·r², h, w]` to `[n, c, h·r, w·r]`. */
export declare const pixelShuffle: Operator<ShapeOperands, { readonly factor: number }>;
/** The identity at inference. */
export declare const dropout: Operator<ShapeOperands, { readonly rate: number }>;
