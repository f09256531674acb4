import type { Graph, Node, Value } from "../ir/graph.js";
import type { Calibration } from "./calibration.js";
import { computeByMeaning } from "./grants/compute-by-meaning.js";
import { type Families, families } from "./grants/families.js";
import { passGate, rewrite } from "./grants/gate.js";
import { type GrantedConv, grantedConvs, rewritingKind } from "./grants/granted-convs.js";
import { LayerData } from "./grants/layer-data.js";
import { noiseCalibration } from "./grants/noise-calibration.js";
import { Outcomes } from "./grants/outcome.js";
import { printGrant } from "./grants/print-grant.js";
import { type Candidate, searchLayer } from "./grants/search-layer.js";
import { type Pass, type PassContext, spend } from "./pass.js";

/**
 * Rewrites convolutions within the errors that an `optimize` block or the option `tolerance` grants: in the
 * order of the network, each in the cheapest way of those whose error is within and that are predicted to be
 * faster. With data the factors are fitted to what arrives in the network as it is rewritten by then, and the
 * error is that of the layer's result on other data; without, it is that of the weights. All together is
 * measured at the outputs (`grants/gate.ts`). The same graph where nothing is granted.
 */
export const grantsPass = (finders: Families): Pass => ({
  name: "apply-grants",
  summary: "rewrite layers as far as grants allow",
  exactness: "approximate",
  run(graph, context) {
    const grants = graph.grants.filter((grant) => {
      const kind = rewritingKind(grant);
      return kind !== undefined && finders[kind] !== undefined;
    });
    if (grants.length === 0 || context.report.hasErrors) return graph;
    const outcomes = new Outcomes(grants, context);
    const calibration = context.calibration ?? noiseCalibration(graph, computeByMeaning);
    const candidates = findCandidates(graph, finders, { context, calibration, outcomes });
    const rewritten = applyCandidates(graph, candidates, { context, calibration, outcomes });
    outcomes.report();
    return rewritten;
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

/** Measures candidates from end to end, undoes what a limit forbids, and makes the rest. */
function applyCandidates(graph: Graph, candidates: readonly Candidate[], work: Work): Graph {
  const { context, calibration, outcomes } = work;
  const limits = graph.grants.filter(({ kind }) => kind === "verify");
  const strictest = limits.reduce<(typeof limits)[number] | undefined>(
    (least, limit) => (least && (least.within ?? 0) <= (limit.within ?? 0) ? least : limit),
    undefined,
  );
  if (candidates.length === 0) return graph;
  const { kept, undone, gate } = passGate(graph, candidates, calibration, strictest?.within);
  context.measured(gate);
  for (const candidate of undone) outcomes.undone(candidate);
  if (strictest && !(gate.relativeError <= (strictest.within ?? 0))) {
    const details = { grant: printGrant(strictest), error: gate.relativeError };
    context.report.add("gate-exceeded", details, { span: strictest.span });
  }
  if (strictest && gate.data === "noise") {
    const details = { grant: printGrant(strictest) };
    context.report.add("verified-on-noise", details, { span: strictest.span });
  }
  const made = kept.filter(({ conv, change }) => spend(conv, context, change));
  for (const candidate of made) outcomes.made(candidate);
  return rewrite(graph, made);
}

/** The pass with every family that there is. */
export const applyGrants: Pass = grantsPass(families);
