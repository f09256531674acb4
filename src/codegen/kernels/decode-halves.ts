import {
  advance,
  and,
  constant,
  convert,
  FunctionBuilder,
  ge,
  load,
  mul,
  or,
  select,
  shift,
  shuffle,
} from "../loops/build.js";
import type { Expr, LoopFunction } from "../loops/types.js";
import type { KernelTarget } from "../target.js";

/**
 * The number of a half `seeeeemm mmmmmmmm` in the low bits of each lane. Its exponent and mantissa, moved
 * to those of an f32, stand for the number times 2⁻¹¹², subnormals included; only what is infinite or no
 * number keeps an exponent that must become the largest.
 */
function decode(half: Expr): Expr {
  const whole = half.type === "i32" ? "f32" : "f32x4";
  const small = convert("reinterpret", whole, shift("shl", and(half, 0x7fff), 13));
  const value = mul(small, 2 ** 112);
  const special = select(ge(value, 65536), constant(half.type, 0x7f800000), 0);
  const sign = shift("shl", and(half, 0x8000), 16);
  const bits = or(or(convert("reinterpret", half.type, value), special), sign);
  return convert("reinterpret", whole, bits);
}

/**
 * Decodes IEEE halves, two a word of memory, to f32 numbers from `to` up to `end`. The halves may lie in
 * the second half of the numbers' own place: each word is read before anything is written over it.
 */
export function decodeHalves({ lanes }: Pick<KernelTarget, "lanes">): LoopFunction {
  const type = lanes === 4 ? "f32x4" : "f32";
  const f = new FunctionBuilder("decodeHalves", "weights from IEEE halves to f32");
  const from = f.param("from", "floats");
  const to = f.param("to", "floats");
  const end = f.param("end", "floats");
  f.for("at", to, end, 2 * lanes, (at) => {
    const load32 = convert("reinterpret", lanes === 4 ? "i32x4" : "i32", load(type, from));
    const words = f.let("words", load32);
    const even = f.let("even", decode(words));
    const odd = f.let("odd", decode(shift("shr", words, 16)));
    f.set(from, advance(from, lanes));
    if (lanes === 4) {
      f.store(at, 0, shuffle(even, odd, [0, 4, 1, 5]));
      f.store(at, 4, shuffle(even, odd, [2, 6, 3, 7]));
    } else {
      f.store(at, 0, even);
      f.store(at, 1, odd);
    }
  });
  return f.done();
}
