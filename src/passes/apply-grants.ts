import type { Grant, Graph, Node, Value } from "../ir/graph.js";
import type { Calibration } from "./calibration.js";
import { findPrunings, type Pruning, withPrunings } from "./channels/prune.js";
import { computeByMeaning } from "./grants/compute-by-meaning.js";
import { type Families, families } from "./grants/families.js";
import { passGate, Reference, rewrite } from "./grants/gate.js";
import type { GateRecord } from "./grants/gate-record.js";
import { type GrantedConv, grantedConvs, rewritingKind } from "./grants/granted-convs.js";
import { LayerData } from "./grants/layer-data.js";
import { noiseCalibration } from "./grants/noise-calibration.js";
import { Outcomes } from "./grants/outcome.js";
import { printGrant } from "./grants/print-grant.js";
import { type Candidate, searchLayer } from "./grants/search-layer.js";
import { type Pass, type PassContext, spend } from "./pass.js";
import { removeDeadChannels } from "./remove-dead-channels.js";

/**
 * Rewrites convolutions within the errors that an `optimize` block or the option `tolerance` grants: in the
 * order of the network, each in the cheapest way of those whose error is within and that are predicted to be
 * faster. With data the factors are fitted to what arrives in the network as it is rewritten by then, and the
 * error is that of the layer's result on other data; without, it is that of the weights. All together is
 * measured at the outputs (`grants/gate.ts`). Channels are pruned before that (`channels/prune.ts`). The same graph
 * where nothing is granted.
 */
export const grantsPass = (finders: Families): Pass => ({
  name: "apply-grants",
  summary: "rewrite layers as far as grants allow",
  exactness: "approximate",
  run(graph, context) {
    const grants = graph.grants.filter((grant) => {
      const kind = rewritingKind(grant);
      return kind === "prune" || (kind !== undefined && finders[kind] !== undefined);
    });
    if (grants.length === 0 || context.report.hasErrors) return graph;
    const outcomes = new Outcomes(grants, context);
    const calibration = context.calibration ?? noiseCalibration(graph, computeByMeaning);
    const work = { context, calibration, outcomes };
    const strictest = strictestLimit(graph);
    const reference = new Reference(graph, calibration, strictest?.within);
    const pruned = pruneChannels(graph, reference, work);
    const candidates = findCandidates(pruned.graph, finders, work);
    const rewritten = applyCandidates(pruned.graph, candidates, reference, work);
    const gate = rewritten.gate ?? pruned.gate;
    const undone = [...(pruned.gate?.undone ?? []), ...(rewritten.gate?.undone ?? [])];
    if (gate) tellGate({ ...gate, undone }, strictest, context);
    outcomes.report();
    return rewritten.graph;
  },
});

/** What a run of the pass works with. */
interface Work {
  readonly context: PassContext;
  readonly calibration: Calibration;
  readonly outcomes: Outcomes;
}

/** The cheapest rewriting of each layer that has one, found one after the other. */
function findCandidates(graph: Graph, finders: Families, work: Work): Candidate[] {
  const { context, calibration, outcomes } = work;
  const made = new Map<Node, Value>();
  const candidates: Candidate[] = [];
  for (const granted of grantedConvs(graph)) {
    if (candidates.length >= context.budget.left) break;
    const { conv } = granted;
    const data = calibration.isNoise
      ? undefined
      : new LayerData(graph, new Map(made), conv, calibration);
    const best = cheapest(granted, finders, { context, data, outcomes });
    if (!best) continue;
    candidates.push(best);
    made.set(conv, best.rewriting.value);
  }
  return candidates;
}

function cheapest(
  { conv, grants }: GrantedConv,
  finders: Families,
  { context, data, outcomes }: Pick<Work, "context" | "outcomes"> & { data: LayerData | undefined },
): Candidate | undefined {
  const found: Candidate[] = [];
  for (const [kind, grant] of grants) {
    const family = finders[kind];
    if (!family) continue;
    const free = { ...context, effort: { left: Number.POSITIVE_INFINITY } };
    const answer = searchLayer({ conv, grant, kind, family, context: free, data });
    if ("reason" in answer) outcomes.declined(grant, conv, answer);
    else found.push(answer);
  }
  const [best, ...dearer] = found.toSorted((a, b) => a.ms - b.ms);
  for (const { grant } of dearer) {
    const reason = `${best?.rewriting.family} is faster`;
    if (grant.option === undefined) outcomes.declined(grant, conv, { reason });
  }
  return best;
}

/** A graph with rewrites, and how far they and those before move the outputs. */
interface Applied {
  readonly graph: Graph;
  readonly gate?: GateRecord;
}

/** Prunes first: other rewrites are then looked for in the layers that are left. */
function pruneChannels(graph: Graph, reference: Reference, work: Work): Applied {
  const { context, outcomes } = work;
  if (!graph.grants.some(({ kind }) => kind === "prune")) return { graph };
  const prunings = findPrunings(graph, work);
  if (prunings.length === 0) return { graph };
  const pruned = (kept: readonly Pruning[]): Graph => withPrunings(graph, kept);
  const { kept, undone, gate } = passGate(prunings, pruned, reference);
  for (const { grants, conv } of undone) {
    for (const grant of grants) outcomes.undone({ grant, conv });
  }
  const made = kept.filter(({ changes }) => spendAll(changes, context));
  for (const grant of made.flatMap(({ grants }) => grants)) outcomes.made({ grant });
  if (made.length === 0) return { graph, gate };
  return { graph: removeDeadChannels.run(pruned(made), context), gate };
}

/** Spends the rewrites of a pruning, all or none. */
function spendAll(changes: Pruning["changes"], context: PassContext): boolean {
  if (changes.length > context.budget.left) return false;
  return changes.every(({ node, change }) => spend(node, context, change));
}

/** Measures candidates from end to end, undoes what a limit forbids, and makes the rest. */
function applyCandidates(
  graph: Graph,
  candidates: readonly Candidate[],
  reference: Reference,
  { context, outcomes }: Work,
): Applied {
  if (candidates.length === 0) return { graph };
  const rewritten = (kept: readonly Candidate[]): Graph => rewrite(graph, kept);
  const { kept, undone, gate } = passGate(candidates, rewritten, reference);
  for (const candidate of undone) outcomes.undone(candidate);
  const made = kept.filter(({ conv, change }) => spend(conv, context, change));
  for (const candidate of made) outcomes.made(candidate);
  return { graph: rewrite(graph, made), gate };
}

/** The smallest limit that a `verify` line sets. */
const strictestLimit = ({ grants }: Graph): Grant | undefined =>
  grants
    .filter(({ kind }) => kind === "verify")
    .reduce<Grant | undefined>(
      (least, limit) => (least && (least.within ?? 0) <= (limit.within ?? 0) ? least : limit),
      undefined,
    );

/** Reports how far the outputs move, and what is wrong with that under a limit. */
function tellGate(gate: GateRecord, limit: Grant | undefined, context: PassContext): void {
  context.measured(gate);
  if (!limit) return;
  const grant = printGrant(limit);
  const place = { span: limit.span };
  if (!(gate.relativeError <= (limit.within ?? 0))) {
    context.report.add("gate-exceeded", { grant, error: gate.relativeError }, place);
  }
  if (gate.data === "noise") context.report.add("verified-on-noise", { grant }, place);
}

/** The pass with every family that there is. */
export const applyGrants: Pass = grantsPass(families);
