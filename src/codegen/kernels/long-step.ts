import type { ElementwiseStep, UnaryFunction } from "../../ir/ops/arithmetic.js";

/** Functions of one number that take many instructions: exp and what is made of it. */
const longFunctions: ReadonlySet<UnaryFunction["kind"]> = new Set([
  "elu",
  "selu",
  "sigmoid",
  "tanh",
  "silu",
  "gelu",
  "mish",
  "softplus",
  "exp",
  "log",
  "erf",
]);

/** Whether a step's arithmetic takes many instructions, which fill the registers by themselves. */
export const isLongStep = (step: ElementwiseStep): boolean =>
  step.kind === "unary" ? longFunctions.has(step.fn.kind) : step.fn === "pow";
