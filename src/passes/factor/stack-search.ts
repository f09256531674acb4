import { dataOf } from "../../ir/constants.js";
import type { Node, NodeOf } from "../../ir/graph.js";
import { type StackSearch, workOfStack } from "../../numerics/stack.js";
import { leastStackWidth, workOfLeastWidth } from "../../numerics/stack-width.js";
import type { Moments } from "../grants/moments.js";
import type { PassContext } from "../pass.js";
import type { Refusal, Rewriting } from "../structural-pass.js";
import { exactTolerance } from "./kernel-search.js";
import { type FittedStack, fitStack } from "./stack-fit.js";
import {
  buildStack,
  mostPayingWidth,
  type StackSplit,
  stackMs,
  stackSplits,
  stackWords,
} from "./stack-split.js";
import { isUsable } from "./usable.js";

type Conv = NodeOf<"conv2d">;

/** Starts and iterations of a search for an exact stack, and of one within a tolerance. */
const exactSearch = { starts: 8, iterations: 400 };
const looseSearch = { iterations: 150, fewest: 20, cheap: 2e7 };

/** What one layer may take of the passes' effort, and what a granted one may take: about two seconds. */
const mostOfEffort = 1e8;
const grantedEffort = 2e9;

/** Looks for exact stacks and remembers what it refused, since a pass meets a convolution again. */
export class ExactStacks {
  readonly #refused = new Map<Node, Map<string, Refusal>>();
  /** Kernels that stand second in a stack: those of longer stacks are as wide as their channels. */
  readonly #made = new Set<Node>();

  constructor(readonly context: PassContext) {}

  /** What could stand in a convolution's place; undefined when its kernel is small or not known. */
  find(conv: Conv): Rewriting | Refusal | undefined {
    const splits = stackSplits(conv);
    const weight = dataOf(conv.operands.weight);
    if (!weight || splits.length === 0 || !isUsable(weight)) return undefined;
    const { bias } = conv.operands;
    if (bias && !dataOf(bias)) return undefined;
    const key = JSON.stringify([conv.attrs, conv.operands.input.type.shape]);
    const refused = this.#refused.get(conv.operands.weight.node) ?? new Map<string, Refusal>();
    this.#refused.set(conv.operands.weight.node, refused);
    const found = refused.get(key) ?? this.#examine(conv, weight, splits);
    if ("refused" in found) refused.set(key, found);
    return found;
  }

  #examine(conv: Conv, weight: Float32Array, splits: readonly StackSplit[]): Rewriting | Refusal {
    let refusal: Refusal = { refused: "stacks of no width would be faster" };
    for (const split of splits) {
      const most = mostPayingWidth(conv, split, this.context);
      if (most === 0) continue;
      const found = this.#search(conv, weight, split, most);
      if (!("refused" in found)) return found;
      refusal = found;
    }
    return refusal;
  }

  /** The rank test first; then the least width, and with unlimited effort all that pay. */
  #search(conv: Conv, weight: Float32Array, split: StackSplit, most: number): Rewriting | Refusal {
    const { groups } = conv.attrs;
    const { shape } = split;
    if (!this.#spend(groups * workOfLeastWidth(shape))) return notExamined;
    const size = weight.length / groups;
    const widths = Array.from({ length: groups }, (_, group) =>
      leastStackWidth(weight.subarray(group * size, (group + 1) * size), shape),
    );
    const least = Math.max(1, ...widths);
    if (least > most) return { refused: `a stack of its kernel needs a width of ${least} or more` };
    const isAll = this.context.effort.left === Number.POSITIVE_INFINITY;
    const narrow = Math.min(shape.inputs, shape.outputs);
    const isLikely =
      least < narrow || (least === narrow && this.#made.has(conv.operands.weight.node));
    if (!isAll && !isLikely) return notExamined;
    for (let width = least; width <= (isAll ? most : least); width++) {
      const starts = this.#starts(groups * workOfStack(shape, width));
      if (starts === 0) return notExamined;
      const search = { ...exactSearch, starts, width, tolerance: exactTolerance };
      const found = fitStack(conv, weight, split, search);
      if (!found || found.weightError > exactTolerance) continue;
      const rewriting = rewritingOf(conv, split, found);
      const last = rewriting.value.node;
      if (last.op === "conv2d") this.#made.add(last.operands.weight.node);
      return rewriting;
    }
    return { refused: "no stack that would be faster equals its kernel" };
  }

  /** How many starts may be made, their work spent. */
  #starts(work: number): number {
    const { left } = this.context.effort;
    const each = exactSearch.iterations * work;
    const may = left === Number.POSITIVE_INFINITY ? left : Math.min(left, mostOfEffort);
    const starts = Math.min(exactSearch.starts, Math.floor(may / each));
    return this.#spend(starts * each) ? starts : 0;
  }

  #spend(work: number): boolean {
    const { effort } = this.context;
    if (work > effort.left) return false;
    effort.left -= work;
    return true;
  }
}

const notExamined: Refusal = {
  refused: "not examined: stacks of its width take long to find (--search examines it)",
};

/**
 * The cheapest stack of a convolution whose error is at most `tolerance`: of the weights, or with moments of
 * the output as these predict it, with the second kernel fitted to them. Found by alternating least squares
 * for a bounded number of iterations, so a narrower one may exist.
 */
export function stackWithin(
  conv: Conv,
  tolerance: number,
  context: PassContext,
  moments?: Moments,
): Rewriting | Refusal {
  const weight = dataOf(conv.operands.weight);
  const { bias } = conv.operands;
  if (!weight || (bias && !dataOf(bias)))
    return { refused: "its weights are known only at run time" };
  const splits = stackSplits(conv);
  if (splits.length === 0)
    return { refused: "only odd square kernels from 5x5 on, with equal strides, are stacked" };
  if (!isUsable(weight)) return { refused: "its kernel is zero or not finite" };
  let refusal: Refusal = { refused: "stacks of no width would be faster" };
  let best: { readonly ms: number; readonly rewriting: Rewriting } | undefined;
  for (const split of splits) {
    const most = mostPayingWidth(conv, split, context);
    if (most === 0) continue;
    const found = narrowest({ conv, weight, split, most, tolerance, moments }, context);
    if ("refused" in found) refusal = found;
    else {
      const ms = stackMs(conv, split, found.data.width, context);
      if (!best || ms < best.ms) best = { ms, rewriting: rewritingOf(conv, split, found) };
    }
  }
  return best?.rewriting ?? refusal;
}

interface Wanted {
  readonly conv: Conv;
  readonly weight: Float32Array;
  readonly split: StackSplit;
  readonly most: number;
  readonly tolerance: number;
  readonly moments: Moments | undefined;
}

/** The narrowest stack within the tolerance, by halving. */
function narrowest(wanted: Wanted, { effort }: PassContext): FittedStack | Refusal {
  const { conv, weight, split, most, moments } = wanted;
  const tolerance = Math.max(exactTolerance, wanted.tolerance);
  const share =
    effort.left === Number.POSITIVE_INFINITY ? effort.left : grantedEffort / (Math.log2(most) + 1);
  const reach = (width: number): FittedStack | undefined => {
    const search = searchWithin(conv.attrs.groups * workOfStack(split.shape, width), share);
    const near = moments ? tolerance / 4 : tolerance;
    return search && fitStack(conv, weight, split, { ...search, width, tolerance: near }, moments);
  };
  let best = reach(most);
  if (!best) return notExamined;
  if (best.error > tolerance) {
    const error = Number(best.error.toPrecision(3));
    return { refused: `the widest stack that would be faster has an error of ${error}` };
  }
  let [few, many] = [0, most];
  while (many - few > 1) {
    const middle = Math.floor((few + many) / 2);
    const found = reach(middle);
    if (found && found.error <= tolerance) {
      best = found;
      many = middle;
    } else few = middle;
  }
  return best;
}

/**
 * Starts and iterations for a width of which one iteration takes so much work: many starts where they cost
 * little. Undefined when the share has no room for the fewest.
 */
function searchWithin(
  work: number,
  share: number,
): Pick<StackSearch, "starts" | "iterations"> | undefined {
  const { iterations, fewest, cheap } = looseSearch;
  if (share < fewest * work) return undefined;
  const starts = Math.min(16, Math.max(2, Math.floor(cheap / (iterations * work))));
  const fitting = share < 2 * fewest * work ? 1 : starts;
  return { starts: fitting, iterations: Math.min(iterations, Math.floor(share / fitting / work)) };
}

function rewritingOf(conv: Conv, split: StackSplit, { data, weightError }: FittedStack): Rewriting {
  const isExact = weightError <= exactTolerance;
  return {
    value: buildStack(conv, split, data),
    replaces: [conv],
    family: stackWords(split, data.width),
    label: isExact ? "rounding" : "approximate",
    weightError,
    outputError: isExact ? 0 : Number.NaN,
    reason: `its kernel is ${isExact ? "" : "nearly "}one of two convolutions, one after the other`,
  };
}
