import { dataOf } from "../../ir/constants.js";
import type { NodeOf } from "../../ir/graph.js";
import { biasData } from "../conv-node.js";
import type { Moments } from "../grants/moments.js";
import type { PassContext } from "../pass.js";
import type { Refusal, Rewriting } from "../structural-pass.js";
import { buildFactors } from "./build-factors.js";
import { CalibratedFit, type FittedFactors, type Met } from "./calibrated-fit.js";
import { factorData } from "./factor-data.js";
import { type Family, familiesFor, fullPointwise } from "./families.js";
import { axisSizes } from "./kernel-axes.js";
import { exactTolerance } from "./kernel-search.js";
import { factorsMs, mostPayingRank } from "./paying-rank.js";
import { isUsable } from "./usable.js";
import { factorWords } from "./words.js";

/** A fit within the tolerance, of a family. */
interface Found {
  readonly family: Family;
  readonly fitted: FittedFactors;
  readonly ms: number;
}

/**
 * The fastest factors of a convolution that, fitted to what it reads, keep the error of its output within a
 * tolerance, as moments predict it. Of each family the smallest rank, by halving, of those that are faster than
 * what was found before.
 */
export function fitWithin(
  conv: NodeOf<"conv2d">,
  tolerance: number,
  context: PassContext,
  moments: Moments,
): Rewriting | Refusal {
  const [weight, bias] = [dataOf(conv.operands.weight), biasData(conv)];
  if (!weight || !bias) return { refused: "its weights are known only at run time" };
  const families = fittingFamilies(conv);
  if (families.length === 0) return { refused: "its kernel is too small to be taken apart" };
  if (!isUsable(weight)) return { refused: "its kernel is zero or not finite" };
  const met = { conv, weight, bias, moments };
  const zeros = new Float32Array(weight.length);
  let best: Found | undefined;
  let closest = Number.POSITIVE_INFINITY;
  for (const family of families) {
    const msOf = (rank: number) => factorsMs(conv, family, rank, context, zeros);
    const paying = mostPayingRank(conv, family, context, zeros);
    const { ms: least } = best ?? { ms: Number.POSITIVE_INFINITY };
    const most = largestRank(paying, (rank) => msOf(rank) < least);
    if (most === 0) continue;
    const fitted = smallest(fitOf(met, family), most, Math.max(tolerance, exactTolerance));
    if (typeof fitted === "number") closest = Math.min(closest, fitted);
    else best = { family, fitted, ms: msOf(fitted.factors.rank) };
  }
  return best ? rewritingOf(conv, best) : { refused: refusalFor(closest) };
}

const refusalFor = (closest: number): string =>
  closest === Number.POSITIVE_INFINITY
    ? "factors of no rank would be faster"
    : `the closest factors that would be faster have an error of ${Number(closest.toPrecision(3))}`;

/** The families of large kernels; of small ones over several channels those that save outputs. */
function fittingFamilies(conv: NodeOf<"conv2d">): readonly Family[] {
  if (conv.attrs.epilogue.length > 0) return [];
  const families = familiesFor(conv);
  const { input, output } = axisSizes(conv);
  return families.length > 0 || input === 1 || output === 1 ? families : [fullPointwise];
}

/** What is known of fits as long as the moments are: a layer is asked for with several tolerances. */
const fits = new WeakMap<Moments, Map<Family, CalibratedFit>>();

function fitOf(met: Met, family: Family): CalibratedFit {
  const known = fits.get(met.moments) ?? new Map<Family, CalibratedFit>();
  fits.set(met.moments, known);
  const before = known.get(family);
  if (before?.met.conv === met.conv) return before;
  const fit = new CalibratedFit(met, family);
  known.set(family, fit);
  return fit;
}

/** The largest rank for which something holds that holds for all smaller ones; 0 when it holds for none. */
function largestRank(most: number, holds: (rank: number) => boolean): number {
  let [good, bad] = [0, most + 1];
  while (bad - good > 1) {
    const middle = bad > most ? most : Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** The fit of the smallest rank within a tolerance; the error of the largest rank where that is not. */
function smallest(fit: CalibratedFit, most: number, tolerance: number): FittedFactors | number {
  const reach = (rank: number): FittedFactors | number => {
    const usual = fit.atRank(rank);
    if (usual && usual.error <= tolerance) return usual;
    const exact = fit.exactlyAtRank(rank);
    if (exact && exact.error <= tolerance) return exact;
    return usual?.error ?? Number.POSITIVE_INFINITY;
  };
  let best = reach(most);
  let [few, many] = [0, most];
  while (typeof best !== "number" && many - few > 1) {
    const middle = Math.floor((few + many) / 2);
    const found = reach(middle);
    if (typeof found === "number") few = middle;
    else [best, many] = [found, middle];
  }
  return best;
}

function rewritingOf(conv: NodeOf<"conv2d">, { family, fitted }: Found): Rewriting {
  const { factors, bias, weightError } = fitted;
  const isExact = weightError <= exactTolerance;
  const words = factorWords(conv, family, factors.rank);
  return {
    value: buildFactors(conv, family, factors.rank, factorData(conv, family, factors, bias)),
    replaces: [conv],
    family: isExact ? words : `${words}, fitted to data`,
    label: isExact ? "rounding" : "approximate",
    weightError,
    outputError: isExact ? 0 : Number.NaN,
    reason: isExact
      ? `its kernel is a product of rank ${factors.rank}`
      : `on the examples its kernel is nearly a product of rank ${factors.rank}`,
  };
}
