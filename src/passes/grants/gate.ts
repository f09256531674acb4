import type { Graph, Node } from "../../ir/graph.js";
import type { Calibration, Sample } from "../calibration.js";
import type { GateRecord } from "./gate-record.js";
import { agreeing, differenceOf, relativeError } from "./measure-error.js";
import type { Candidate } from "./search-layer.js";
import { substitute } from "./substitute.js";

/** A rewrite that can be undone. */
export interface Undoable {
  /** The layer that it is named after. */
  readonly conv: Node;
  /** Its error as its grant counts it. */
  readonly error: number;
  /** Predicted milliseconds that it saves. */
  readonly gain: number;
}

/** The rewrites that are kept, and how far they move the outputs. */
export interface Passed<T extends Undoable> {
  readonly kept: readonly T[];
  readonly undone: readonly T[];
  readonly gate: GateRecord;
}

/** What outputs are measured against. */
export class Reference {
  #expected: readonly Sample[] | undefined;

  constructor(
    readonly graph: Graph,
    readonly calibration: Calibration,
    readonly limit: number | undefined,
  ) {}

  /** The outputs before any granted rewrite, for the samples that errors are measured on. */
  get expected(): readonly Sample[] {
    const { heldOut, compute } = this.calibration;
    this.#expected ??= compute(this.graph, heldOut);
    return this.#expected;
  }
}

/**
 * Measures a network's outputs with rewrites against those without. Over the limit, the rewrite that saves least
 * for its error, gain / error², is undone, until the outputs are within or nothing is left to undo.
 */
export function passGate<T extends Undoable>(
  candidates: readonly T[],
  rewriteWith: (kept: readonly T[]) => Graph,
  reference: Reference,
): Passed<T> {
  const { graph, expected, limit } = reference;
  const { heldOut, compute, isNoise } = reference.calibration;
  let kept = candidates;
  const undone: T[] = [];
  for (;;) {
    const measured = compare(graph, compute(rewriteWith(kept), heldOut), expected);
    const isWithin = limit === undefined || measured.relativeError <= limit;
    if (!isWithin && kept.length > 0) {
      const worst = kept.reduce((a, b) => (worth(b) < worth(a) ? b : a));
      undone.push(worst);
      kept = kept.filter((candidate) => candidate !== worst);
      continue;
    }
    const names = undone.map(({ conv }) => conv.name);
    const data = isNoise ? "noise" : "held-out";
    const gate = { samples: heldOut.length, data, ...measured, limit, undone: names } as const;
    return { kept, undone, gate };
  }
}

/** The graph with candidates in place of their convolutions. */
export const rewrite = (graph: Graph, candidates: readonly Candidate[]): Graph =>
  substitute(graph, new Map(candidates.map(({ conv, rewriting }) => [conv, rewriting.value])));

/** Predicted milliseconds saved for the square of the error that they cost. */
const worth = ({ gain, error }: Undoable): number => gain / error ** 2;

/** The largest error of an output, and how often the highest scores are the same where outputs are vectors. */
function compare(
  { outputs }: Graph,
  actual: readonly Sample[],
  expected: readonly Sample[],
): Pick<GateRecord, "relativeError" | "agreement"> {
  const errors: number[] = [];
  let [rows, same] = [0, 0];
  for (const { name, value } of outputs) {
    const pairs = expected.map(
      (sample, at) => [actual[at]!.get(name)!, sample.get(name)!] as const,
    );
    errors.push(relativeError(pairs.map(([a, b]) => differenceOf(a, b))));
    const [images = 1, scores = 1, ...more] = value.type.shape;
    if (scores === 1 || more.length > 0) continue;
    rows += images * pairs.length;
    same += pairs.reduce((sum, [a, b]) => sum + agreeing(a, b, scores), 0);
  }
  const agreement = rows > 0 ? { agreement: same / rows } : {};
  return { relativeError: Math.max(0, ...errors), ...agreement };
}
