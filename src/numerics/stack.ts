import { type Matrix, matrixOf, normOf, relativeError, rowOf, transpose } from "./matrix.js";
import { normal } from "./normal.js";
import { type Half, halfOf, solveHalf, workOfHalf } from "./stack-half.js";

/**
 * A square kernel as two, one after the other:
 *
 *   W[p] = Σ_q B[q] · A[p − d · q],   W `[outputs, inputs]`, B `[outputs, width]`, A `[width, inputs]` at each tap
 *
 * so that a convolution of stride s is one with A of stride d, then one with B of stride s / d.
 */
export interface StackShape {
  readonly outputs: number;
  readonly inputs: number;
  /** Taps along a side of A and of B; W has first + step · (second − 1). */
  readonly first: number;
  readonly second: number;
  /** d. */
  readonly step: number;
}

/** Both kernels as weights lie: `[width, inputs, first, first]` and `[outputs, width, second, second]`. */
export interface Stack {
  readonly width: number;
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** |B ∗ A − W| / |W|. */
  readonly error: number;
}

/** How long a stack is looked for. */
export interface StackSearch {
  readonly width: number;
  /** A start that comes as close as this ends the search. */
  readonly tolerance: number;
  readonly starts: number;
  /** At most, of each start. */
  readonly iterations: number;
}

/** Taps along a side of the kernel that a stack makes. */
export const sideOf = ({ first, second, step }: StackShape): number => first + step * (second - 1);

/**
 * The closest stack that alternating least squares finds from seeded starts: A from B, B from A, with a ridge
 * towards the last ones that dies away, and both kept equally long. Where a kernel is a stack of a width
 * below its channels, most starts find it; at the width of the channels about half do, and wider ones are
 * hardly ever found. Undefined when the kernel is zero or not finite.
 */
export function factorStack(
  weight: ArrayLike<number>,
  shape: StackShape,
  search: StackSearch,
): Stack | undefined {
  const pages = pagesOf(weight, shape);
  const size = normOf(pages.data);
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return undefined;
  let best: Stack | undefined;
  for (let start = 0; start < search.starts; start++) {
    const found = alternate(weight, pages, shape, search, start);
    if (!best || found.error < best.error) best = found;
    if (best.error <= search.tolerance) break;
  }
  return best;
}

/** Multiply-accumulates of one iteration of `factorStack`, roughly. */
export function workOfStack(shape: StackShape, width: number): number {
  const [left, right] = halvesOf(shape, width);
  return workOfHalf(left) + workOfHalf(right);
}

/** What is kept while a start is followed. */
interface Both {
  /** Rows: width, then taps; a column for each input. */
  a: Matrix;
  /** The same with a column for each output. */
  b: Matrix;
}

/** Every so many iterations the error is looked at; a start that gains too little over them is given up. */
const lookEvery = 5;
const patience = 60;
const leastGain = 0.01;

function alternate(
  weight: ArrayLike<number>,
  pages: Matrix,
  shape: StackShape,
  { width, tolerance, iterations }: StackSearch,
  start: number,
): Stack {
  const { inputs, outputs, first, second } = shape;
  const turned = turnPages(pages, shape);
  const [forSecond, forFirst] = halvesOf(shape, width);
  const both: Both = {
    a: matrixOf(width * first ** 2, inputs, normal(width * first ** 2 * inputs, 99 + start)),
    b: matrixOf(width * second ** 2, outputs),
  };
  let error = Number.POSITIVE_INFINITY;
  const errors: number[] = [];
  for (let turn = 0; turn < iterations; turn++) {
    const ridge = Math.max(1e-12, 1e-2 * 10 ** ((-12 * turn) / (0.6 * iterations)));
    const b = solveHalf(forSecond, pages, both.a, both.b, ridge);
    if (!b) break;
    both.b = b;
    balance(both, width);
    const a = solveHalf(forFirst, turned, both.b, both.a, ridge);
    if (!a) break;
    both.a = a;
    balance(both, width);
    if (turn % lookEvery < lookEvery - 1 && turn < iterations - 1) continue;
    error = relativeError(composeStack(stackOf(both, width, 0), shape), weight);
    errors.push(error);
    const before = errors[errors.length - 1 - patience / lookEvery];
    const isStuck = before !== undefined && error > (1 - leastGain) * before;
    if (error <= tolerance / 4 || (isStuck && turn > 0.5 * iterations)) break;
  }
  return stackOf(both, width, error);
}

/** Solving for B with A fixed, and for A with B fixed. */
function halvesOf(
  { inputs, outputs, first, second, step }: StackShape,
  width: number,
): [Half, Half] {
  const forSecond = { width, fixed: first, wanted: second, fixedStep: 1, wantedStep: step };
  const forFirst = { width, fixed: second, wanted: first, fixedStep: step, wantedStep: 1 };
  return [
    halfOf({ ...forSecond, rows: outputs, shared: inputs }),
    halfOf({ ...forFirst, rows: inputs, shared: outputs }),
  ];
}

/** Makes A and B equally long for each channel between them. */
function balance({ a, b }: Both, width: number): void {
  for (let m = 0; m < width; m++) {
    const [left, right] = [part(a, m, width), part(b, m, width)];
    const factor = Math.sqrt(normOf(right) / normOf(left));
    if (!(factor > 0 && factor < Number.POSITIVE_INFINITY)) continue;
    for (let at = 0; at < left.length; at++) left[at]! *= factor;
    for (let at = 0; at < right.length; at++) right[at]! /= factor;
  }
}

const part = ({ data }: Matrix, m: number, width: number): Float64Array =>
  data.subarray((m * data.length) / width, ((m + 1) * data.length) / width);

/** A weight `[outputs, inputs, side, side]` as a matrix `[outputs, inputs]` for each tap, below each other. */
function pagesOf(weight: ArrayLike<number>, { outputs, inputs, ...rest }: StackShape): Matrix {
  const taps = sideOf({ outputs, inputs, ...rest }) ** 2;
  const pages = matrixOf(taps * outputs, inputs);
  for (let at = 0; at < weight.length; at++) {
    const row = (at % taps) * outputs + Math.floor(at / taps / inputs);
    pages.data[row * inputs + (Math.floor(at / taps) % inputs)] = weight[at]!;
  }
  return pages;
}

/** Each tap's matrix transposed. */
function turnPages(pages: Matrix, { outputs, inputs }: StackShape): Matrix {
  const turned = matrixOf((pages.rows / outputs) * inputs, outputs);
  for (let from = 0; from < pages.data.length; from += outputs * inputs) {
    const page = {
      rows: outputs,
      columns: inputs,
      data: pages.data.subarray(from, from + outputs * inputs),
    };
    turned.data.set(transpose(page).data, from);
  }
  return turned;
}

/** Both kernels in the order of weights. */
function stackOf({ a, b }: Both, width: number, error: number): Stack {
  const [firstTaps, secondTaps] = [a.rows / width, b.rows / width];
  const first = new Float64Array(a.data.length);
  for (let m = 0; m < width; m++) {
    for (let tap = 0; tap < firstTaps; tap++) {
      rowOf(a, m * firstTaps + tap).forEach((x, c) => {
        first[(m * a.columns + c) * firstTaps + tap] = x;
      });
    }
  }
  const second = transpose(b).data;
  return { width, first, second: second.subarray(0, b.columns * width * secondTaps), error };
}

/** The kernel `[outputs, inputs, side, side]` that a stack makes, summed in float64. */
export function composeStack(
  { width, first, second }: Pick<Stack, "width" | "first" | "second">,
  shape: StackShape,
): Float64Array {
  const { outputs, inputs, step } = shape;
  const side = sideOf(shape);
  const kernel = new Float64Array(outputs * inputs * side * side);
  for (let at = 0; at < second.length; at++) {
    const factor = second[at]!;
    if (factor === 0) continue;
    const qx = at % shape.second;
    const qy = Math.floor(at / shape.second) % shape.second;
    const m = Math.floor(at / shape.second ** 2) % width;
    const output = Math.floor(at / shape.second ** 2 / width);
    for (let c = 0; c < inputs; c++) {
      const from = (m * inputs + c) * shape.first ** 2;
      const corner = ((output * inputs + c) * side + step * qy) * side + step * qx;
      for (let y = 0; y < shape.first; y++) {
        for (let x = 0; x < shape.first; x++) {
          kernel[corner + y * side + x]! += factor * first[from + y * shape.first + x]!;
        }
      }
    }
  }
  return kernel;
}
