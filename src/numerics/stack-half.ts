import { dot, gram, type Matrix, matrixOf, rowOf, transpose } from "./matrix.js";
import { solvePositive, workOfSolve } from "./positive.js";

/**
 * One half of a stack with the other fixed: find Y in
 *
 *   T[fixedStep · f + wantedStep · u] ≈ Σ_m,f,u Y[m, u] · X[m, f]ᵀ   at each tap
 *
 * Taps have two axes, the same for both.
 */
export interface Half {
  /** The number of m. */
  readonly width: number;
  /** Taps along a side of X and of Y. */
  readonly fixed: number;
  readonly wanted: number;
  readonly fixedStep: number;
  readonly wantedStep: number;
  /** Columns of Y, rows of each tap of T. */
  readonly rows: number;
  /** Columns of X and of T. */
  readonly shared: number;
  /** For each two taps of Y, the taps of X that meet when X is shifted by the one and by the other. */
  readonly meetings: readonly (readonly Meeting[])[];
}

type Meeting = readonly [number, number];

/** A half with what follows from its sizes. */
export const halfOf = (sizes: Omit<Half, "meetings">): Half => ({
  ...sizes,
  meetings: meetingsOf(sizes),
});

/**
 * Y by least squares, with a ridge towards `before` of so much of the mean of the Gram matrix's diagonal: at
 * rest the ridge adds nothing. T is `[taps · rows, shared]`, X `[width · fixed², shared]`, Y and `before`
 * `[width · wanted², rows]`. Undefined when the products are not finite.
 */
export function solveHalf(
  half: Half,
  target: Matrix,
  fixed: Matrix,
  before: Matrix,
  ridge: number,
): Matrix | undefined {
  const products = productsOf(half, gram(fixed));
  const n = products.columns;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += products.data[i * n + i]!;
  const towards = (ridge * trace) / n;
  for (let i = 0; i < n; i++) products.data[i * n + i]! += towards;
  const rhs = rightHandSides(half, target, fixed);
  for (let unknown = 0; unknown < n; unknown++) {
    const old = rowOf(before, unknown);
    for (let row = 0; row < half.rows; row++) rhs.data[row * n + unknown]! += towards * old[row]!;
  }
  const solution = solvePositive(products, rhs);
  return solution && transpose(solution);
}

/** Multiply-accumulates of `solveHalf`, roughly. */
export function workOfHalf({ width, fixed, wanted, rows, shared }: Half): number {
  const [known, unknown] = [width * fixed ** 2, width * wanted ** 2];
  return (
    (known * known * shared) / 2 + known * wanted ** 2 * rows * shared + workOfSolve(unknown, rows)
  );
}

/** The Gram matrix of X shifted by each tap of Y: sums of products of X's taps that the shifts bring together. */
function productsOf({ width, fixed, wanted, meetings }: Half, taps: Matrix): Matrix {
  const [known, unknown] = [fixed ** 2, wanted ** 2];
  const products = matrixOf(width * unknown, width * unknown);
  for (let m = 0; m < width; m++) {
    for (let k = 0; k <= m; k++) {
      meetings.forEach((pairs, at) => {
        let sum = 0;
        for (const [f, g] of pairs)
          sum += taps.data[(m * known + f) * taps.columns + k * known + g]!;
        const [u, v] = [Math.floor(at / unknown), at % unknown];
        products.data[(m * unknown + u) * products.columns + k * unknown + v] = sum;
      });
    }
  }
  return products;
}

function meetingsOf({
  fixed,
  wanted,
  fixedStep,
  wantedStep,
}: Omit<Half, "meetings">): (readonly Meeting[])[] {
  const placeOf = (f: number, u: number): string => {
    const y = fixedStep * Math.floor(f / fixed) + wantedStep * Math.floor(u / wanted);
    const x = fixedStep * (f % fixed) + wantedStep * (u % wanted);
    return `${y},${x}`;
  };
  const [known, unknown] = [fixed ** 2, wanted ** 2];
  return Array.from({ length: unknown ** 2 }, (_, at) => {
    const [u, v] = [Math.floor(at / unknown), at % unknown];
    const there = new Map(Array.from({ length: known }, (_, g) => [placeOf(g, v), g]));
    return Array.from({ length: known }, (_, f): readonly Meeting[] => {
      const g = there.get(placeOf(f, u));
      return g === undefined ? [] : [[f, g]];
    }).flat();
  });
}

/** Σ_f T[fixedStep · f + wantedStep · u] · X[m, f], `[rows, width · wanted²]`. */
function rightHandSides(half: Half, target: Matrix, fixed: Matrix): Matrix {
  const { width, rows, fixedStep, wantedStep } = half;
  const side = fixedStep * (half.fixed - 1) + wantedStep * (half.wanted - 1) + 1;
  const [known, unknown] = [half.fixed ** 2, half.wanted ** 2];
  const sums = matrixOf(rows, width * unknown);
  for (let u = 0; u < unknown; u++) {
    const [uy, ux] = [Math.floor(u / half.wanted), u % half.wanted];
    for (let f = 0; f < known; f++) {
      const y = fixedStep * Math.floor(f / half.fixed) + wantedStep * uy;
      const x = fixedStep * (f % half.fixed) + wantedStep * ux;
      const page = (y * side + x) * rows;
      for (let row = 0; row < rows; row++) {
        const numbers = rowOf(target, page + row);
        for (let m = 0; m < width; m++) {
          sums.data[row * sums.columns + m * unknown + u]! += dot(
            numbers,
            rowOf(fixed, m * known + f),
          );
        }
      }
    }
  }
  return sums;
}
