import type { Value } from "../graph.js";
import { printType, sameShape, type TensorType } from "../types.js";
import { broadcastShape, broadcastTo } from "./broadcast.js";
import { checkAttribute, checkFloat, printShape } from "./check.js";
import { binaryFormulas, unaryFormula } from "./formulas.js";
import { type Dense, type Operator, ShapeError } from "./operator.js";

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
  | { readonly kind: "reciprocal" }
  | { readonly kind: "floor" }
  | { readonly kind: "ceil" }
  /** To the nearest whole number, halves to the even one. */
  | { readonly kind: "round" }
  /** -1, 0 or 1. */
  | { readonly kind: "sign" }
  /** `x <= least ? 0 : x`. */
  | { readonly kind: "threshold"; readonly least: number };

/**
 * A function of two numbers; `prelu` is `x < 0 ? x · slope : x` with the slope on the right. Comparisons
 * give 1 where they hold, else 0; `mask` is the left number where the right one is not 0, else 0.
 */
export type BinaryFunction =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "pow"
  | "prelu"
  | "equal"
  | "less"
  | "lessOrEqual"
  | "mask";

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

/** Refuses functions whose numbers mean nothing. */
function checkFunction(op: string, fn: UnaryFunction): void {
  if (fn.kind === "clip") {
    checkAttribute(op, "clip's min", fn.min, fn.min <= fn.max, `at most its max, ${fn.max}`);
  }
}

const mapElements = (input: Dense, fn: UnaryFunction): Dense => ({
  shape: input.shape,
  data: input.data.map(unaryFormula(fn)),
});

/** One function of each element. */
export const unary: Operator<UnaryOperands, UnaryAttributes> = {
  infer: ({ input }, { fn }) => {
    checkFloat(fn.kind, "input", input);
    checkFunction(fn.kind, fn);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input }, { fn }) => [mapElements(input, fn)],
};

export type BinaryOperands = {
  readonly left: Value;
  readonly right: Value;
};
export interface BinaryAttributes {
  readonly fn: BinaryFunction;
}

function combine(fn: BinaryFunction, left: Dense, right: Dense, shape: readonly number[]): Dense {
  const formula = binaryFormulas[fn];
  const a = broadcastTo(left, shape).data;
  const b = broadcastTo(right, shape).data;
  return { shape, data: a.map((x, i) => formula(x, b[i]!)) };
}

/** Operands broadcast as in NumPy. */
export const binary: Operator<BinaryOperands, BinaryAttributes> = {
  infer: ({ left, right }, { fn }) => {
    checkFloat(fn, "left operand", left);
    checkFloat(fn, "right operand", right);
    const shape = broadcastShape(left.shape, right.shape);
    if (shape) return [{ element: "f32", shape }];
    throw new ShapeError("cannot-broadcast", {
      op: fn,
      left: printType(left),
      right: printType(right),
    });
  },
  macs: () => 0,
  evaluate: ({ left, right }, { fn }, results) => [combine(fn, left, right, results[0]!.shape)],
};

export type ElementwiseOperands = {
  readonly input: Value;
  readonly extras: readonly Value[];
};
export interface ElementwiseAttributes {
  readonly steps: Epilogue;
}

/** Refuses steps that read an extra that is not there or does not broadcast to the running value. */
export function checkSteps(
  op: string,
  steps: Epilogue,
  running: TensorType,
  extras: readonly TensorType[],
): void {
  for (const [index, extra] of extras.entries()) checkFloat(op, `extra ${index}`, extra);
  for (const step of steps) {
    if (step.kind === "unary") {
      checkFunction(op, step.fn);
      continue;
    }
    const extra = extras[step.extra];
    const wanted = `one of the ${extras.length} extras`;
    checkAttribute(op, `${step.fn}'s extra`, step.extra, extra !== undefined, wanted);
    const shape = broadcastShape(running.shape, extra?.shape ?? []);
    if (shape && sameShape(shape, running.shape)) continue;
    throw new ShapeError("cannot-broadcast", {
      op: `${op}'s ${step.fn}`,
      left: printShape(running.shape),
      right: printShape(extra?.shape ?? []),
    });
  }
}

/** The running value after all steps. */
export function applySteps(steps: Epilogue, running: Dense, extras: readonly Dense[]): Dense {
  for (const step of steps) {
    if (step.kind === "unary") {
      running = mapElements(running, step.fn);
      continue;
    }
    const extra = extras[step.extra]!;
    const [left, right] = step.side === "left" ? [extra, running] : [running, extra];
    running = combine(step.fn, left, right, running.shape);
  }
  return running;
}

/** A fused chain; the result has the input's shape. Made by `fuse-epilogue`. */
export const elementwise: Operator<ElementwiseOperands, ElementwiseAttributes> = {
  infer: ({ input, extras }, { steps }) => {
    checkFloat("elementwise", "input", input);
    checkSteps("elementwise", steps, input, extras);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input, extras }, { steps }) => [applySteps(steps, input, extras)],
};

export interface CastAttributes {
  readonly to: "f32";
}
/** Changes the element type, not the numbers. */
export const cast: Operator<UnaryOperands, CastAttributes> = {
  infer: ({ input }, { to }) => [{ element: to, shape: input.shape }],
  macs: () => 0,
  evaluate: ({ input }) => [input],
};
