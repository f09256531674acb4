import type { NodeOf } from "../../ir/graph.js";
import {
  biasCorrection,
  type OrderedProduct,
  orderedProduct,
  refit,
  shrink,
  variance,
} from "../../numerics/calibrated.js";
import { type Matrix, matrixOf, multiply, normOf, rowOf } from "../../numerics/matrix.js";
import type { Moments } from "../grants/moments.js";
import { amplification, type Factors, storedFactors, unfold } from "./factors.js";
import type { Family } from "./families.js";
import { axisSizes } from "./kernel-axes.js";
import { blockCovariance, featuresOf, type PatchUnit, patchUnits } from "./patch-units.js";

/** Factors that are fitted to what a convolution reads, and how close they come as they are stored. */
export interface FittedFactors {
  readonly factors: Factors;
  /** The bias that keeps the mean of the output. */
  readonly bias: Float32Array;
  /** |W' − W| / |W|. */
  readonly weightError: number;
  /** The relative L2 error of the output that the moments predict. */
  readonly error: number;
}

/** A convolution of known weights, and the moments of what it reads. */
export interface Met {
  readonly conv: NodeOf<"conv2d">;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly moments: Moments;
}

/** Factors that are so much larger than the kernel would make rounding grow. */
const mostAmplification = 100;

/** A share of the output's variance that is nothing but rounding. */
const rounding = 1e-12;

/**
 * The factors of one family for what a convolution reads. The first of each block is the closest for the mean
 * covariance of what its taps meet; then the second is refitted to the features that the stored first gives, over
 * all blocks together, and the bias keeps the mean:
 *
 *   M = U · S · Vᵀ after whitening by C^½,   K = W · C · Fᵀ · (F · C · Fᵀ)⁻¹,   b' = b + (W − K) · μ
 *
 * C is shrunk, since its samples are few. Errors are told from the covariance as it was measured.
 */
export class CalibratedFit {
  readonly #blocks: readonly Matrix[];
  readonly #units: readonly PatchUnit[];
  readonly #shrunk: readonly Matrix[];
  readonly #size: number;
  #products: readonly OrderedProduct[] | undefined;
  #plainProducts: readonly OrderedProduct[] | undefined;
  readonly #usual = new Map<number, FittedFactors | undefined>();
  readonly #exact = new Map<number, FittedFactors | undefined>();

  constructor(
    readonly met: Met,
    readonly family: Family,
  ) {
    const { conv, weight, moments } = met;
    this.#blocks = unfold(conv, family, weight);
    this.#units = patchUnits(conv, family);
    this.#shrunk = moments.groups.map(({ covariance }) => shrink(covariance));
    this.#size = meanSquareOf(met);
  }

  /** The fit of a rank; undefined where factors would be too large. */
  atRank(rank: number): FittedFactors | undefined {
    return remember(this.#usual, rank, () => this.#usually(rank));
  }

  #usually(rank: number): FittedFactors | undefined {
    this.#products ??= this.#productsFor(this.#shrunk);
    return this.#fit(rank, this.#products, this.#shrunk);
  }

  /**
   * The fit of a rank to the covariance as it was measured, where that has no more directions than the rank: then
   * nothing is lost on what was met, and shrinking would lose a little. Undefined where it has more.
   */
  exactlyAtRank(rank: number): FittedFactors | undefined {
    return remember(this.#exact, rank, () => this.#exactly(rank));
  }

  #exactly(rank: number): FittedFactors | undefined {
    const measured = this.met.moments.groups.map(({ covariance }) => covariance);
    this.#plainProducts ??= this.#productsFor(measured);
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const all = this.#plainProducts.reduce((total, { values }) => total + sum(values), 0);
    const lost = this.#plainProducts.reduce(
      (total, { values }) => total + sum(values.subarray(rank)),
      0,
    );
    if (lost > rounding * all) return undefined;
    return this.#fit(rank, this.#plainProducts, measured);
  }

  #productsFor(covariances: readonly Matrix[]): OrderedProduct[] {
    const { conv } = this.met;
    const known = new Map<string, Matrix>();
    return this.#units.flatMap(({ group, blocks }) =>
      blocks.map(({ at, place }) => {
        const key = `${group} ${place}`;
        const covariance =
          known.get(key) ?? blockCovariance(conv, this.family, covariances[group]!, place);
        known.set(key, covariance);
        return orderedProduct(this.#blocks[at]!, covariance);
      }),
    );
  }

  #fit(
    rank: number,
    products: readonly OrderedProduct[],
    covariances: readonly Matrix[],
  ): FittedFactors | undefined {
    const { conv, weight, bias, moments } = this.met;
    const factors = storedFactors(products, rank);
    const fitted = Float32Array.from(bias);
    let [lost, apart] = [0, 0];
    for (const unit of this.#units) {
      const { mean, covariance } = moments.groups[unit.group]!;
      const rows = unit.outputs.map((o) => weight.subarray(o * mean.length, (o + 1) * mean.length));
      const kernel = stacked(rows, mean.length);
      const features = featuresOf(conv, this.family, factors, unit);
      const last = refitted(kernel, features, covariances[unit.group]!);
      if (last) writeLast(unit, factors, last);
      const instead = multiply(lastOf(unit, factors), features);
      const gain = biasCorrection(kernel, instead, mean);
      unit.outputs.forEach((output, row) => {
        fitted[output]! += gain[row]!;
      });
      const difference = minus(instead, kernel);
      lost += Math.max(0, variance(difference, covariance));
      apart += normOf(difference.data) ** 2;
    }
    if (!(amplification(this.#blocks, factors) <= mostAmplification)) return undefined;
    const weightError = Math.sqrt(apart) / normOf(Float64Array.from(weight));
    return { factors, bias: fitted, weightError, error: Math.sqrt(lost / (this.#size || 1)) };
  }
}

/** What is known for a key, found once. */
function remember<V>(
  known: Map<number, V | undefined>,
  key: number,
  find: () => V | undefined,
): V | undefined {
  if (!known.has(key)) known.set(key, find());
  return known.get(key);
}

/** E|y|²: how large the output is in the mean, summed over its channels. */
function meanSquareOf({ conv, weight, bias, moments }: Met): number {
  const { group: groups, output } = axisSizes(conv);
  let size = 0;
  for (let group = 0; group < groups; group++) {
    const { mean, covariance } = moments.groups[group]!;
    const from = group * output * mean.length;
    const kernel = matrixOf(
      output,
      mean.length,
      weight.subarray(from, from + output * mean.length),
    );
    const means = biasCorrection(kernel, matrixOf(output, mean.length), mean);
    size += variance(kernel, covariance);
    size += means.reduce((sum, y, o) => sum + (y + bias[group * output + o]!) ** 2, 0);
  }
  return size;
}

const minus = (a: Matrix, b: Matrix): Matrix => ({
  ...a,
  data: a.data.map((x, at) => x - b.data[at]!),
});

function stacked(rows: readonly Float32Array[], columns: number): Matrix {
  const matrix = matrixOf(rows.length, columns);
  rows.forEach((row, at) => {
    matrix.data.set(row, at * columns);
  });
  return matrix;
}

/** The refit on the features that are not zero, zeros for the others. */
function refitted(kernel: Matrix, features: Matrix, covariance: Matrix): Matrix | undefined {
  const used = Array.from({ length: features.rows }, (_, at) => at).filter((at) =>
    rowOf(features, at).some((x) => x !== 0),
  );
  const seen = matrixOf(used.length, features.columns);
  used.forEach((from, to) => {
    seen.data.set(rowOf(features, from), to * features.columns);
  });
  const last = refit(kernel, seen, covariance);
  if (!last) return undefined;
  const all = matrixOf(kernel.rows, features.rows);
  for (let row = 0; row < kernel.rows; row++) {
    used.forEach((to, from) => {
      all.data[row * features.rows + to] = last.data[row * used.length + from]!;
    });
  }
  return all;
}

/** Writes a last stage `[outputs, features]` into the right factors of a unit, rounded as they are stored. */
function writeLast(unit: PatchUnit, factors: Factors, last: Matrix): void {
  forEachOfLast(unit, factors, last.columns, (right, from, at) => {
    right[at] = Math.fround(last.data[from]!);
  });
}

/** The right factors of a unit as the last stage that they are. */
function lastOf(unit: PatchUnit, factors: Factors): Matrix {
  const last = matrixOf(unit.outputs.length, unit.blocks.length * factors.rank * unit.taps);
  forEachOfLast(unit, factors, last.columns, (right, from, at) => {
    last.data[from] = right[at]!;
  });
  return last;
}

/** Goes through a unit's last stage: features are counted along block, rank and tap; right factors along output and tap. */
function forEachOfLast(
  { blocks, outputs, taps }: PatchUnit,
  { right, rank }: Factors,
  columns: number,
  visit: (right: Float64Array, from: number, at: number) => void,
): void {
  blocks.forEach(({ at }, block) => {
    const factor = right[at]!;
    for (let r = 0; r < rank; r++) {
      for (let output = 0; output < outputs.length; output++) {
        for (let tap = 0; tap < taps; tap++) {
          const from = output * columns + (block * rank + r) * taps + tap;
          visit(factor.data, from, r * factor.columns + output * taps + tap);
        }
      }
    }
  });
}
