import { InternalError } from "../../diagnostics/report.js";
import type { BinaryFunction, Epilogue, UnaryFunction } from "../../ir/ops/arithmetic.js";
import { dataTypes } from "../../onnx/proto.js";
import type { OnnxEmitter } from "./emitter.js";

const plain: Partial<Record<UnaryFunction["kind"], string>> = {
  relu: "Relu",
  selu: "Selu",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  hardSwish: "HardSwish",
  softplus: "Softplus",
  neg: "Neg",
  abs: "Abs",
  sqrt: "Sqrt",
  exp: "Exp",
  log: "Log",
  erf: "Erf",
  reciprocal: "Reciprocal",
  floor: "Floor",
  ceil: "Ceil",
  round: "Round",
  sign: "Sign",
};

/** Writes a function of one number; those that opset 17 lacks become the nodes of their formula. */
export function writeUnary(out: OnnxEmitter, fn: UnaryFunction, x: string, label: string): string {
  switch (fn.kind) {
    case "clip": {
      const bounds = [out.scalar("min", fn.min), out.scalar("max", fn.max)];
      return out.one("Clip", [x, ...bounds], {}, label);
    }
    case "leakyRelu":
      return out.one("LeakyRelu", [x], { alpha: { float: fn.slope } }, label);
    case "threshold":
      return out.one("ThresholdedRelu", [x], { alpha: { float: fn.least } }, label);
    case "elu":
      return out.one("Elu", [x], { alpha: { float: fn.alpha } }, label);
    case "hardSigmoid": {
      const attributes = { alpha: { float: fn.slope }, beta: { float: fn.offset } };
      return out.one("HardSigmoid", [x], attributes, label);
    }
    case "silu":
      return out.one("Mul", [x, out.one("Sigmoid", [x], {}, label)], {}, label);
    case "mish": {
      const inner = out.one("Tanh", [out.one("Softplus", [x], {}, label)], {}, label);
      return out.one("Mul", [x, inner], {}, label);
    }
    case "gelu": {
      const scaled = out.one("Mul", [x, out.scalar("rsqrt2", Math.SQRT1_2)], {}, label);
      const erf = out.one("Erf", [scaled], {}, label);
      const shifted = out.one("Add", [erf, out.scalar("one", 1)], {}, label);
      const product = out.one("Mul", [x, shifted], {}, label);
      return out.one("Mul", [product, out.scalar("half", 0.5)], {}, label);
    }
    default: {
      const opType = plain[fn.kind];
      if (opType === undefined) throw new InternalError(`no ONNX form of ${fn.kind}`);
      return out.one(opType, [x], {}, label);
    }
  }
}

const binaryTypes: Partial<Record<BinaryFunction, string>> = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  min: "Min",
  max: "Max",
  pow: "Pow",
  prelu: "PRelu",
};

const comparisons: Partial<Record<BinaryFunction, string>> = {
  equal: "Equal",
  less: "Less",
  lessOrEqual: "LessOrEqual",
};

/** Writes a function of two numbers; truth is a number here, so comparisons are cast. */
export function writeBinary(
  out: OnnxEmitter,
  fn: BinaryFunction,
  left: string,
  right: string,
  label: string,
): string {
  const cast = (value: string, to: number) => out.one("Cast", [value], { to: { int: to } }, label);
  if (fn === "mask") {
    const truth = cast(right, dataTypes.bool);
    return out.one("Where", [truth, left, out.scalar("zero", 0)], {}, label);
  }
  const comparison = comparisons[fn];
  if (comparison) {
    return cast(out.one(comparison, [left, right], {}, label), dataTypes.float32);
  }
  const opType = binaryTypes[fn];
  if (opType === undefined) throw new InternalError(`no ONNX form of ${fn}`);
  return out.one(opType, [left, right], {}, label);
}

/** Writes the steps of an epilogue or a fused chain one after the other. */
export function writeSteps(
  out: OnnxEmitter,
  steps: Epilogue,
  start: string,
  extras: readonly string[],
  label: string,
): string {
  return steps.reduce((value, step) => {
    if (step.kind === "unary") return writeUnary(out, step.fn, value, label);
    const extra = extras[step.extra]!;
    return step.side === "right"
      ? writeBinary(out, step.fn, value, extra, label)
      : writeBinary(out, step.fn, extra, value, label);
  }, start);
}
