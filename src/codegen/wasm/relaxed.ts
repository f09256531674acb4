import type binaryen from "binaryen";
import { InternalError } from "../../diagnostics/report.js";

type Ref = binaryen.ExpressionRef;

/** `a · b + c` of four f32 lanes. */
export type MulAdd = (a: Ref, b: Ref, c: Ref) => Ref;

/**
 * Builds `f32x4.relaxed_madd`, which rounds once where the machine fuses. binaryen has no builder of
 * its own for it; the function of its C interface that makes SIMD instructions of three operands has.
 */
export function relaxedMulAdd(lib: typeof binaryen, module: binaryen.Module): MulAdd {
  const ternary: unknown = Reflect.get(lib, "_BinaryenSIMDTernary");
  if (typeof ternary !== "function")
    throw new InternalError("binaryen has no ternary SIMD builder");
  return (a, b, c) => {
    const made: unknown = ternary(module.ptr, lib.RelaxedMaddVecF32x4, a, b, c);
    if (typeof made === "number") return made;
    throw new InternalError("binaryen made no instruction");
  };
}
