import { add, type FunctionBuilder, mul, mulAdd, sub } from "../loops/build.js";
import type { Expr } from "../loops/types.js";

/** Numbers of one line, along one axis, before or after a transform. */
type Line = readonly Expr[];

/**
 * The one-dimensional transforms of Winograd's `F(m, 3)`: `m` outputs of a kernel of three taps from `m + 2`
 * inputs with `m + 2` multiplications, `y = Aᵀ [(G g) ⊙ (Bᵀ d)]`. Applied to rows and columns they give
 * `F(m×m, 3×3)`. Each writes arithmetic on lines of vectors; parts that it reads twice become locals.
 */
export interface WinogradForm {
  readonly name: string;
  /** Outputs of a tile along an axis: m. */
  readonly outputs: number;
  /** Inputs of a tile along an axis, and as many positions of its transforms: m + 2. */
  readonly inputs: number;
  /**
   * The error of a convolution, as a share of its largest output, is at most this times the root of its input
   * channels. Measured against float64 on noise with 16 to 1024 channels: 2.0e-7 for tiles of 4×4 and
   * 0.6e-7 for 2×2 (the sum as it is written: 1.2e-7), half as much again for data that are less even.
   */
  readonly error: number;
  /** `G g` of three taps. */
  weight(f: FunctionBuilder, g: Line): Line;
  /** `Bᵀ d` of m + 2 inputs. */
  input(f: FunctionBuilder, d: Line): Line;
  /** `Aᵀ p` of m + 2 products. */
  output(f: FunctionBuilder, p: Line): Line;
}

const sumOf = (f: FunctionBuilder, a: Expr, b: Expr): Expr => f.let("sum", add(a, b));
const differenceOf = (f: FunctionBuilder, a: Expr, b: Expr): Expr => f.let("difference", sub(a, b));

/** Both `a + b` and `a − b`. */
function plusMinus(f: FunctionBuilder, a: Expr, b: Expr): readonly [Expr, Expr] {
  const [even, odd] = [f.let("even", a), f.let("odd", b)];
  return [add(even, odd), sub(even, odd)];
}

/** `F(2, 3)` at the points 0, 1, −1 and ∞: sums and halves only. */
export const twoOutputs: WinogradForm = {
  name: "winograd 2x2",
  outputs: 2,
  inputs: 4,
  error: 1e-7,
  weight(f, [g0, g1, g2]) {
    const outer = mul(add(g0!, g2!), 0.5);
    return [g0!, ...plusMinus(f, outer, mul(g1!, 0.5)), g2!];
  },
  input: (_, [d0, d1, d2, d3]) => [sub(d0!, d2!), add(d1!, d2!), sub(d2!, d1!), sub(d1!, d3!)],
  output: (_, [p0, p1, p2, p3]) => [add(add(p0!, p1!), p2!), sub(sub(p1!, p2!), p3!)],
};

/**
 * Points of `F(4, 3)` beside 0 and ∞: ±a and ±b. Of the pairs that are exact in float32 these give the smallest
 * errors: half of those of the usual ±1, ±2 (Barabasz et al., "Error analysis and improving the accuracy
 * of Winograd convolution", find such points by trying; so was this pair).
 */
const [a, b] = [5 / 8, 3 / 2];
const [aa, bb] = [a * a, b * b];

/** `F(4, 3)` at the points 0, ±a, ±b and ∞. */
export const fourOutputs: WinogradForm = {
  name: "winograd 4x4",
  outputs: 4,
  inputs: 6,
  error: 3e-7,
  weight(f, [g0, g1, g2]) {
    const at = (x: number, other: number): readonly [Expr, Expr] => {
      const scale = 1 / (2 * x * x * (x * x - other));
      const even = mulAdd(g2!, x * x * scale, mul(g0!, scale));
      return plusMinus(f, even, mul(g1!, x * scale));
    };
    return [mul(g0!, 1 / (aa * bb)), ...at(a, bb), ...at(b, aa), g2!];
  },
  input(f, [d0, d1, d2, d3, d4, d5]) {
    const ends = (x: Expr, y: Expr, z: Expr): Expr => add(sub(mul(x, aa * bb), mul(y, aa + bb)), z);
    const at = (x: number, other: number): readonly [Expr, Expr] =>
      plusMinus(f, sub(d4!, mul(d2!, other)), sub(mul(d3!, x), mul(d1!, x * other)));
    return [ends(d0!, d2!, d4!), ...at(a, bb), ...at(b, aa), ends(d1!, d3!, d5!)];
  },
  output(f, [p0, p1, p2, p3, p4, p5]) {
    const [evenA, oddA] = [sumOf(f, p1!, p2!), differenceOf(f, p1!, p2!)];
    const [evenB, oddB] = [sumOf(f, p3!, p4!), differenceOf(f, p3!, p4!)];
    return [
      add(add(p0!, evenA), evenB),
      mulAdd(oddA, a, mul(oddB, b)),
      mulAdd(evenA, aa, mul(evenB, bb)),
      add(mulAdd(oddA, a * aa, mul(oddB, b * bb)), p5!),
    ];
  },
};
