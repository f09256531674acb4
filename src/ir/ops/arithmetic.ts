import type { Value } from "../graph.js";
import type { Operator } from "./operator.js";

/** A function of one number. Formulas are PyTorch's; `clip` is `min(max(x, min), max)`. */
export type UnaryFunction =
  | { readonly kind: "relu" }
  | { readonly kind: "clip"; readonly min: number; readonly max: number }
  | { readonly kind: "leakyRelu"; readonly slope: number }
  | { readonly kind: "elu"; readonly alpha: number }
  | { readonly kind: "selu" }
  | { readonly kind: "sigmoid" }
  /** `clip(x · slope + offset, 0, 1)`; PyTorch's has 1/6 and 1/2. */
  | { readonly kind: "hardSigmoid"; readonly slope: number; readonly offset: number }
  | { readonly kind: "tanh" }
  | { readonly kind: "silu" }
  /** `x · clip(x / 6 + 1/2, 0, 1)`. */
  | { readonly kind: "hardSwish" }
  /** Exact form: `x / 2 · (1 + erf(x / √2))`. */
  | { readonly kind: "gelu" }
  /** `x · tanh(softplus(x))`. */
  | { readonly kind: "mish" }
  /** `log(1 + exp(x))`. */
  | { readonly kind: "softplus" }
  | { readonly kind: "neg" }
  | { readonly kind: "abs" }
  | { readonly kind: "sqrt" }
  | { readonly kind: "exp" }
  | { readonly kind: "log" }
  | { readonly kind: "erf" }
  | { readonly kind: "reciprocal" };

/** A function of two numbers; `prelu` is `x < 0 ? x · slope : x` with the slope on the right. */
export type BinaryFunction = "add" | "sub" | "mul" | "div" | "min" | "max" | "pow" | "prelu";

/**
 * One step of a chain of element-wise functions on a running value. A binary step reads
 * `extras[extra]`, which broadcasts to the running value, on the side named.
 */
export type ElementwiseStep =
  | { readonly kind: "unary"; readonly fn: UnaryFunction }
  | {
      readonly kind: "binary";
      readonly fn: BinaryFunction;
      readonly extra: number;
      readonly side: "left" | "right";
    };

export type Epilogue = readonly ElementwiseStep[];

export type UnaryOperands = {
  readonly input: Value;
};
export interface UnaryAttributes {
  readonly fn: UnaryFunction;
}
export declare const unary: Operator<UnaryOperands, UnaryAttributes>;

export type BinaryOperands = {
  readonly left: Value;
  readonly right: Value;
};
export interface BinaryAttributes {
  readonly fn: BinaryFunction;
}
/** Operands broadcast as in NumPy. */
export declare const binary: Operator<BinaryOperands, BinaryAttributes>;

export type ElementwiseOperands = {
  readonly input: Value;
  readonly extras: readonly Value[];
};
export interface ElementwiseAttributes {
  readonly steps: Epilogue;
}
/** A fused chain; the result has the input's shape. Made by `fuse-epilogue`. */
export declare const elementwise: Operator<ElementwiseOperands, ElementwiseAttributes>;

export interface CastAttributes {
  readonly to: "f32";
}
/** Changes the element type, not the numbers. */
export declare const cast: Operator<UnaryOperands, CastAttributes>;
