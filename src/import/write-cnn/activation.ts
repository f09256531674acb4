import type { UnaryFunction } from "../../ir/ops/arithmetic.js";
import { count, optionalNumber, word } from "./arguments.js";
import type { Given } from "./sketch.js";

/** Functions that have an operator of their own. */
type Named = Exclude<UnaryFunction, { readonly kind: "neg" }>;

/** A function of one number as an operator of the language with its arguments. Limits must be finite. */
export function activation(fn: Named): { readonly callee: string; readonly given: Given[] } {
  const plain = (callee: string) => ({ callee, given: [] });
  switch (fn.kind) {
    case "relu":
    case "selu":
    case "sigmoid":
    case "tanh":
    case "silu":
    case "gelu":
    case "mish":
    case "softplus":
      return plain(fn.kind);
    case "hardSwish":
      return plain("hardswish");
    case "hardSigmoid": {
      const isSixth = Math.fround(fn.slope) === Math.fround(1 / 6);
      const slope = isSixth ? [] : optionalNumber("slope", fn.slope, 1 / 6);
      const offset = optionalNumber("offset", fn.offset, 0.5);
      return { callee: "hardsigmoid", given: [...slope, ...offset] };
    }
    case "clip":
      return fn.min === 0 && fn.max === 6
        ? plain("relu6")
        : { callee: "clip", given: [count("min", fn.min), count("max", fn.max)] };
    case "leakyRelu":
      return { callee: "leaky_relu", given: optionalNumber("slope", fn.slope, 0.01) };
    case "elu":
      return { callee: "elu", given: optionalNumber("alpha", fn.alpha, 1) };
    case "threshold":
      return { callee: "threshold", given: [count("least", fn.least)] };
    default:
      return { callee: "map", given: [word("function", fn.kind)] };
  }
}
