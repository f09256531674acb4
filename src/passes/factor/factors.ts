import { type LowRank, truncateTo } from "../../numerics/low-rank.js";
import { type Matrix, matrixOf, multiply, normOf } from "../../numerics/matrix.js";
import type { Family } from "./families.js";
import { type KernelNode, placesAlong } from "./kernel-axes.js";

/** A kernel as a family sees it, one matrix after the other: one for each combination along `block`. */
export function* blocksOf(
  node: KernelNode,
  family: Family,
  weight: Float32Array,
): Generator<Matrix> {
  const first = placesAlong(node, family.first);
  const second = placesAlong(node, family.second);
  for (const block of placesAlong(node, family.block)) {
    const matrix = matrixOf(first.length, second.length);
    first.forEach((row, i) => {
      second.forEach((column, j) => {
        matrix.data[i * second.length + j] = weight[block + row + column]!;
      });
    });
    yield matrix;
  }
}

/** A part of a kernel's first matrix: at most so many rows and columns, at even distances. */
export function sampleOf(
  node: KernelNode,
  family: Family,
  weight: Float32Array,
  most: number,
): Matrix {
  const rows = evenly(placesAlong(node, family.first), most);
  const columns = evenly(placesAlong(node, family.second), most);
  const sample = matrixOf(rows.length, columns.length);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) sample.data[at++] = weight[row + column]!;
  }
  return sample;
}

function evenly(places: Int32Array, most: number): number[] {
  const count = Math.min(places.length, most);
  return Array.from({ length: count }, (_, i) => places[Math.floor((i * places.length) / count)]!);
}

/** All matrices of a kernel. */
export const unfold = (node: KernelNode, family: Family, weight: Float32Array): Matrix[] => [
  ...blocksOf(node, family, weight),
];

/** Both factors of every block, all of one rank, as they are stored: rounded to float32. */
export interface Factors {
  readonly rank: number;
  /** `[rows, rank]` for each block. */
  readonly left: readonly Matrix[];
  /** `[rank, columns]` for each block. */
  readonly right: readonly Matrix[];
}

/** The closest factors of a rank; undefined unless all numbers are finite. */
export function factorsOf(blocks: readonly Matrix[], rank: number): Factors | undefined {
  const products = blocks.map((block) => truncateTo(block, rank));
  const found = products.filter((product) => product !== undefined);
  return found.length < products.length ? undefined : storedFactors(found, rank);
}

/** Factors as they are stored: cut to a rank, those of a lower one filled up with zeros. */
export const storedFactors = (
  products: readonly Pick<LowRank, "left" | "right">[],
  rank: number,
): Factors => ({
  rank,
  left: products.map(({ left }) => resized(left, left.rows, rank)),
  right: products.map(({ right }) => resized(right, rank, right.columns)),
});

function resized(matrix: Matrix, rows: number, columns: number): Matrix {
  const result = matrixOf(rows, columns);
  for (let row = 0; row < Math.min(rows, matrix.rows); row++) {
    for (let column = 0; column < Math.min(columns, matrix.columns); column++) {
      result.data[row * columns + column] = Math.fround(
        matrix.data[row * matrix.columns + column]!,
      );
    }
  }
  return result;
}

/** The Frobenius norm of several matrices together. */
export const normOfAll = (blocks: readonly Matrix[]): number =>
  Math.hypot(...blocks.map(({ data }) => normOf(data)));

/** |A · B − W| / |W| over all blocks, summed in float64. */
export function weightError(blocks: readonly Matrix[], { left, right }: Factors): number {
  const differences = blocks.map((block, at) => {
    const difference = multiply(left[at]!, right[at]!);
    block.data.forEach((wanted, place) => {
      difference.data[place]! -= wanted;
    });
    return difference;
  });
  const error = normOfAll(differences);
  return error === 0 ? 0 : error / normOfAll(blocks);
}

/** |A| · |B| / |W|: how much larger than the kernel its factors are, and so how much rounding grows. */
export const amplification = (blocks: readonly Matrix[], { left, right }: Factors): number =>
  (normOfAll(left) * normOfAll(right)) / (normOfAll(blocks) || 1);
