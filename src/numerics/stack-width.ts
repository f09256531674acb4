import { truncate, workOfTruncate } from "./low-rank.js";
import { type Matrix, matrixOf } from "./matrix.js";
import { type StackShape, sideOf } from "./stack.js";

/** Below this share of a matrix directions are taken as the rounding of weights. */
const nothing = 1e-5;

/** Places at which kernels are summed: three pairs of numbers in ½ … 1½, of no meaning. */
const places: readonly (readonly [number, number])[] = [
  [0.7309, 1.1877],
  [1.3113, 0.6421],
  [0.9071, 1.4203],
];

/**
 * The smallest width that a stack for a kernel can have, when it is to be one but for rounding:
 *
 *   W(z) = Σ_p W[p] · z₁^p₁ · z₂^p₂ = B(z^d) · A(z)   has at most the width as its rank, at any z;
 *   `[outputs, inputs · taps]` has at most width · taps of B, `[inputs, outputs · taps]` width · taps of A
 *
 * A cheap test: nearly all trained kernels have full rank, and no narrower stack can stand in for them.
 */
export function leastStackWidth(weight: ArrayLike<number>, shape: StackShape): number {
  const { outputs, inputs, first, second } = shape;
  const taps = sideOf(shape) ** 2;
  const byOutput = matrixOf(outputs, inputs * taps, weight);
  const byInput = matrixOf(inputs, outputs * taps);
  for (let at = 0; at < byOutput.data.length; at++) {
    const [output, input] = [Math.floor(at / taps / inputs), Math.floor(at / taps) % inputs];
    byInput.data[(input * outputs + output) * taps + (at % taps)] = byOutput.data[at]!;
  }
  return Math.max(
    ...places.map((place) => rankOf(summedAt(weight, shape, place))),
    Math.ceil(rankOf(byOutput) / second ** 2),
    Math.ceil(rankOf(byInput) / first ** 2),
  );
}

const rankOf = (matrix: Matrix): number => {
  const most = Math.min(matrix.rows, matrix.columns);
  return truncate(matrix, nothing, most)?.rank ?? most;
};

/** W(z), `[outputs, inputs]`. */
function summedAt(
  weight: ArrayLike<number>,
  shape: StackShape,
  [zy, zx]: readonly [number, number],
): Matrix {
  const side = sideOf(shape);
  const taps = side ** 2;
  const sums = matrixOf(shape.outputs, shape.inputs);
  for (let at = 0; at < weight.length; at++) {
    const tap = at % taps;
    const factor = zy ** Math.floor(tap / side) * zx ** (tap % side);
    sums.data[Math.floor(at / taps)]! += weight[at]! * factor;
  }
  return sums;
}

/** Multiply-accumulates that `leastStackWidth` takes, roughly. */
export function workOfLeastWidth(shape: StackShape): number {
  const { outputs, inputs } = shape;
  const taps = sideOf(shape) ** 2;
  const full = (rows: number, columns: number) =>
    workOfTruncate(rows, columns, Math.min(rows, columns));
  const sums = places.length * (full(outputs, inputs) + outputs * inputs * taps);
  return sums + full(outputs, inputs * taps) + full(inputs, outputs * taps);
}
