import type { Grant, NodeOf } from "../../ir/graph.js";
import type { Exactness } from "../../ir/ops/operator.js";
import type { PassContext } from "../pass.js";
import { changeOf, pays, predictAll, type Rewriting } from "../structural-pass.js";
import type { StructureChange } from "../structure-change.js";
import type { GrantedKind, RewriteWithin } from "./family.js";
import type { LayerData } from "./layer-data.js";

/** A rewriting of a layer that keeps its grant and pays. */
export interface Candidate {
  readonly conv: NodeOf<"conv2d">;
  readonly grant: Grant;
  readonly rewriting: Rewriting;
  readonly change: StructureChange;
  /** Its error as the grant counts it: of the output on held-out data, or of the weights where there are none. */
  readonly error: number;
  /** Predicted milliseconds that it saves, and that its nodes take. */
  readonly gain: number;
  readonly ms: number;
}

/** Why a layer keeps its form under a grant: a clause in lower case. */
export interface Declined {
  readonly reason: string;
}

/** Below these a kernel is the same to rounding, and so is an output. */
const equalWeights = 1e-6;
const equalOutputs = 2e-6;

/**
 * How often a family is asked with another tolerance, since its error and the measured one differ; stacks take
 * seconds to find.
 */
const mostQuestions: Readonly<Record<GrantedKind, number>> = { separate: 6, stack: 3, prune: 6 };

/** What a family is asked, and what is known of it. */
export interface Question {
  readonly conv: NodeOf<"conv2d">;
  readonly grant: Grant;
  readonly kind: GrantedKind;
  readonly family: RewriteWithin;
  readonly context: PassContext;
  /** Undefined where there are no data: the error of the weights decides then. */
  readonly data: LayerData | undefined;
}

/**
 * The cheapest rewriting of a family whose error is within the grant and that pays. With data a family is asked
 * again with a looser tolerance as long as the measured error allows, and with a stricter one where it does not;
 * without, until it tells how close it can come.
 */
export function searchLayer(question: Question): Candidate | Declined {
  const within = question.grant.within ?? 0;
  let best: Candidate | undefined;
  let refused: Declined | undefined;
  let closest = Number.POSITIVE_INFINITY;
  let asked: number | undefined = within;
  let [strict, loose] = [0, Number.POSITIVE_INFINITY];
  for (let count = mostQuestions[question.kind]; count > 0 && asked !== undefined; count--) {
    const answer = ask(question, asked);
    if ("reason" in answer) refused ??= answer;
    else if (answer.error <= within) best = best && best.ms <= answer.ms ? best : answer;
    else if (answer.error < closest) closest = answer.error;
    const isOver = !("reason" in answer) && !(answer.error <= within);
    if (isOver) loose = asked;
    else strict = asked;
    const error = "reason" in answer ? within / 10 : answer.error;
    asked = nextTolerance(asked, { within, error, strict, loose });
  }
  if (best) return best;
  if (closest < Number.POSITIVE_INFINITY) {
    return { reason: `the best found has an error of ${printError(closest)}` };
  }
  return refused ?? { reason: "the error of what was found is no number" };
}

/** The tolerance to ask with next; undefined when the answer would hardly differ. */
function nextTolerance(
  asked: number,
  known: {
    readonly within: number;
    readonly error: number;
    readonly strict: number;
    readonly loose: number;
  },
): number | undefined {
  const { within, error, strict, loose } = known;
  const isBracketed = strict > 0 && loose < Number.POSITIVE_INFINITY;
  if (isBracketed) return loose / strict > 1.15 ? Math.sqrt(strict * loose) : undefined;
  if (error <= within && within / error < 1.1) return undefined;
  const step = Math.min(10, Math.max(0.1, (0.95 * within) / error));
  const next = Math.min(1, asked * step);
  return next === asked ? undefined : next;
}

/** A family's answer, measured and judged by its predicted time. */
function ask(
  { conv, grant, family, context, data }: Question,
  tolerance: number,
): Candidate | Declined {
  const found = family(conv, tolerance, context, data?.moments);
  if ("refused" in found) return { reason: found.refused };
  const outputError = data ? data.errorOf(found.value) : Number.NaN;
  const error = data ? outputError : found.weightError;
  const label = labelOf(found.weightError, outputError);
  const rewriting = { ...found, outputError, label };
  const change = changeOf(rewriting);
  const [before, after] = [predictAll(change.before, context), predictAll(change.after, context)];
  if (!pays(change.before, change.after, context)) {
    return { reason: `${found.family} would not be faster` };
  }
  return { conv, grant, rewriting, change, error, gain: before - after, ms: after };
}

export function labelOf(weightError: number, outputError: number): Exactness {
  if (weightError <= equalWeights) return "rounding";
  return outputError <= equalOutputs ? "data-dependent" : "approximate";
}

/** An error in three digits. */
export const printError = (error: number): string => String(Number(error.toPrecision(3)));
