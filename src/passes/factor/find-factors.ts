import { eigenSymmetric, workOfEigen } from "../../numerics/eigen.js";
import { exceedsByElimination, workOfElimination } from "../../numerics/eliminate.js";
import { rankExceeds, truncate, workOfRankTest, workOfTruncate } from "../../numerics/low-rank.js";
import { gram, type Matrix, transpose } from "../../numerics/matrix.js";
import {
  amplification,
  blocksOf,
  type Factors,
  factorsOf,
  sampleOf,
  storedFactors,
  unfold,
  weightError,
} from "./factors.js";
import type { Family } from "./families.js";
import type { KernelNode } from "./kernel-axes.js";
import { type Extent, extentOf } from "./paying-rank.js";

/** Factors, and how far their product is from the kernel. */
export interface Found {
  readonly factors: Factors;
  readonly weightError: number;
}

/** What is looked for: a kernel's product of a family within a tolerance, of a rank up to one that pays. */
export interface Wanted {
  readonly node: KernelNode;
  readonly weight: Float32Array;
  readonly family: Family;
  readonly tolerance: number;
  readonly mostRank: number;
}

/** Factors that are so much larger than the kernel would make rounding grow. */
const mostAmplification = 100;

/** Takes multiply-accumulates from what may be spent; false when too few are left. */
export type Spend = (work: number) => boolean;

/** Multiply-accumulates that tell most kernels without structure from those with it. */
export function workOfFirstLook({ node, family, mostRank }: Wanted): number {
  const { blocks, rows, columns } = extentOf(node, family);
  return blocks === 1 ? workOfSample(rows, columns, mostRank) : workOfBlock(rows, columns);
}

const workOfBlock = (rows: number, columns: number): number => {
  const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
  return (few * few * many) / 2 + workOfEigen(few);
};

/**
 * The factors of the smallest rank within the tolerance; undefined when there are none, "not examined" when
 * looking would take more than may be spent.
 */
export function findFactors(wanted: Wanted, spend: Spend): Found | "not examined" | undefined {
  const extent = extentOf(wanted.node, wanted.family);
  return extent.blocks === 1 ? findInOne(wanted, extent, spend) : findInMany(wanted, extent, spend);
}

/** A kernel of several matrices: all get the same rank. */
function findInMany(
  wanted: Wanted,
  extent: Extent,
  spend: Spend,
): Found | "not examined" | undefined {
  const rank = smallestRank(wanted, extent, spend);
  if (typeof rank !== "number") return rank;
  const blocks = unfold(wanted.node, wanted.family, wanted.weight);
  const work = blocks.length * workOfTruncate(extent.rows, extent.columns, rank);
  if (!spend(work)) return "not examined";
  return accepted(blocks, factorsOf(blocks, rank), wanted.tolerance);
}

/** More rows and columns of a sample than the rank that it is to exceed. */
const spare = 8;

const workOfSample = (rows: number, columns: number, rank: number): number =>
  workOfElimination(Math.min(rows, rank + spare), Math.min(columns, rank + spare), rank);

/** A kernel that is one matrix: quick tests first, since most are far from any low rank. */
function findInOne(
  wanted: Wanted,
  { rows, columns }: Extent,
  spend: Spend,
): Found | "not examined" | undefined {
  const { node, family, weight, tolerance, mostRank } = wanted;
  if (!spend(workOfSample(rows, columns, mostRank))) return "not examined";
  const sample = sampleOf(node, family, weight, mostRank + spare);
  if (exceedsByElimination(sample, mostRank, tolerance)) return undefined;
  if (!spend(weight.length)) return "not examined";
  const blocks = unfold(node, family, weight);
  const [matrix] = blocks;
  if (!matrix) return undefined;
  if (!spend(workOfRankTest(rows, columns, mostRank))) return "not examined";
  if (rankExceeds(matrix, mostRank, tolerance)) return undefined;
  if (!spend(workOfTruncate(rows, columns, mostRank))) return "not examined";
  const product = truncate(matrix, tolerance, mostRank);
  return product && accepted(blocks, storedFactors([product], product.rank), tolerance);
}

/**
 * The smallest rank that all blocks together can have: what each leaves at a rank are its smaller eigenvalues.
 * Blocks are looked at until what they leave is too much.
 */
function smallestRank(
  { node, family, weight, tolerance, mostRank }: Wanted,
  { rows, columns }: Extent,
  spend: Spend,
): number | "not examined" | undefined {
  const limit = tolerance ** 2 * sumOfSquares(weight);
  const left = new Float64Array(mostRank + 1);
  for (const block of blocksOf(node, family, weight)) {
    if (!spend(workOfBlock(rows, columns))) return "not examined";
    const { values } = eigenSymmetric(gram(rows > columns ? transpose(block) : block));
    for (let rank = 0; rank <= mostRank; rank++) left[rank]! += sumFrom(values, rank);
    if (left[mostRank]! > limit) return undefined;
  }
  return Math.max(
    1,
    left.findIndex((rest) => rest <= limit),
  );
}

function sumOfSquares(numbers: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < numbers.length; at++) sum += numbers[at]! ** 2;
  return sum;
}

/** What eigenvalues from one on add up to; those below zero are rounding. */
const sumFrom = (values: Float64Array, from: number): number =>
  values.subarray(from).reduce((sum, value) => sum + Math.max(0, value), 0);

/** Factors that are close enough as they are stored, and not much larger than the kernel. */
function accepted(
  blocks: readonly Matrix[],
  factors: Factors | undefined,
  tolerance: number,
): Found | undefined {
  if (!factors || amplification(blocks, factors) > mostAmplification) return undefined;
  const error = weightError(blocks, factors);
  return error <= tolerance ? { factors, weightError: error } : undefined;
}
