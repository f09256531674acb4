import type { Value } from "../graph.js";
import type { Epilogue } from "./arithmetic.js";
import type { Operator } from "./operator.js";

/** Height, then width. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Sides = readonly [number, number, number, number];

export type ConvOperands = {
  /** `[n, c, h, w]`. */
  readonly input: Value;
  /** conv2d `[out, c / groups, kh, kw]`; deconv2d `[c, out / groups, kh, kw]`. */
  readonly weight: Value;
  /** `[out]`. */
  readonly bias: Value | undefined;
  /** What the epilogue's binary steps read. */
  readonly extras: readonly Value[];
};

export interface Conv2dAttributes {
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Zeros around the input. */
  readonly pads: Sides;
  readonly groups: number;
  /** Applied to each output after the bias, in order; empty before `fuse-epilogue`. */
  readonly epilogue: Epilogue;
}

export interface Deconv2dAttributes extends Conv2dAttributes {
  /** Rows and columns added below and to the right of the output. */
  readonly outputPads: Pair;
}

/** Cross-correlation: `y[n,o,y,x] = b[o] + Σ w[o,c,i,j] · x[n,c,y·s + i·d − p, x·s + j·d − p]`. */
export declare const conv2d: Operator<ConvOperands, Conv2dAttributes>;

/** Transposed convolution, the gradient of `conv2d` with respect to its input. */
export declare const deconv2d: Operator<ConvOperands, Deconv2dAttributes>;

export interface LinearAttributes {
  readonly epilogue: Epilogue;
}

/** `y[n,o] = b[o] + Σ w[o,k] · x[n,k]`; weight `[out, k]`, input `[n, k]`. */
export declare const linear: Operator<ConvOperands, LinearAttributes>;
