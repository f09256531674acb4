import type { Grant, Graph, Node } from "../../ir/graph.js";
import type { Calibration } from "../calibration.js";
import type { ConvNode } from "../conv-node.js";
import { differenceOf, relativeError } from "../grants/measure-error.js";
import type { Outcomes } from "../grants/outcome.js";
import { labelOf, printError } from "../grants/search-layer.js";
import { type Substitutes, substitute } from "../grants/substitute.js";
import type { PassContext } from "../pass.js";
import { removeDeadChannels } from "../remove-dead-channels.js";
import { leastGain, predictAll, withConstants } from "../structural-pass.js";
import type { StructureChange } from "../structure-change.js";
import { editFilters } from "./edit-filters.js";
import { type Filters, filtersOf } from "./filters.js";
import { type Choice, pruneChoices } from "./prune-choices.js";
import { type ErrorsOf, measuredErrors, predictedErrors } from "./prune-error.js";
import { type PruneGroup, prunableLayers, pruneGrantOf, pruneGroups } from "./prune-groups.js";
import { sizesOfWeights, sizesOnData, soleReaderIn } from "./prune-sizes.js";

/** Filters of tied layers that are made constant, or copies of others, so that their channels can be removed. */
export interface Pruning {
  /** The first of the layers. */
  readonly conv: ConvNode;
  readonly grants: readonly Grant[];
  /** The layers with the other filters. */
  readonly substitutes: Substitutes;
  readonly changes: readonly { readonly node: Node; readonly change: StructureChange }[];
  /** The largest relative error of what reads the channels. */
  readonly error: number;
  /** Predicted milliseconds that are saved when the channels are removed. */
  readonly gain: number;
}

/** What pruning works with. */
export interface PruneWork {
  readonly context: PassContext;
  readonly calibration: Calibration;
  readonly outcomes: Outcomes;
}

/**
 * Finds channels that may go within the errors that `prune` lines grant: those that hardly vary, that weigh
 * little, and near copies of others. Tied layers are one group, and groups come in the order of the network.
 * Of each as many channels go as keep every reader within the smallest of the group's grants, the cheapest
 * first (`prune-choices.ts`), where that is predicted to be faster. With data errors are measured on held-out
 * samples, on what arrives from the groups before; without, they are predicted from weights. A reader of
 * several groups has one error to share between them.
 */
export function findPrunings(graph: Graph, work: PruneWork): Pruning[] {
  const { groups, sourcesOf } = pruneGroups(graph);
  const search: Search = {
    ...work,
    graph,
    sourcesOf,
    spent: new Map(),
    made: new Map(),
    ms: predictAll(graph.nodes, work.context),
  };
  tellOfOthers(graph, groups, work);
  const found: Pruning[] = [];
  for (const group of groups) {
    const grants = grantsOf(group, graph.grants, work);
    if (grants.length === 0) continue;
    const pruning = pruneGroup(group, grants, search);
    if ("reason" in pruning) {
      for (const grant of grants) {
        work.outcomes.declined(grant, group.producers[0]!.node, pruning);
      }
    } else found.push(pruning);
  }
  return found;
}

/** A graph with prunings in it; their channels are still there. */
export const withPrunings = (graph: Graph, prunings: readonly Pruning[]): Graph =>
  substitute(graph, new Map(prunings.flatMap(({ substitutes }) => [...substitutes])));

interface Search extends PruneWork, Pick<ReturnType<typeof pruneGroups>, "sourcesOf"> {
  readonly graph: Graph;
  /** By reader, the error that earlier groups have cost it. */
  readonly spent: Map<Filters, number>;
  /** What the groups so far have become. */
  readonly made: Map<Node, Value>;
  /** Predicted milliseconds of the network with them. */
  ms: number;
}

type Value = ReturnType<typeof editFilters>;

/** Layers under a grant none of whose channels can go. */
function tellOfOthers(graph: Graph, groups: readonly PruneGroup[], { outcomes }: PruneWork): void {
  const inGroups = new Set(groups.flatMap(({ producers }) => producers.map(({ node }) => node)));
  for (const layer of prunableLayers(graph)) {
    const grant = pruneGrantOf(layer, graph.grants);
    if (!grant || inGroups.has(layer)) continue;
    const reason = "its channels are outputs, or mixed by what is no convolution";
    outcomes.declined(grant, layer, { reason });
  }
}

/** The grants of a group's layers; none when one of the layers has none. */
function grantsOf(
  { producers }: PruneGroup,
  all: readonly Grant[],
  { outcomes }: PruneWork,
): Grant[] {
  const decided = producers.map(({ node }) => ({ node, grant: pruneGrantOf(node, all) }));
  const other = decided.find(({ grant }) => !grant);
  const grants = [...new Set(decided.flatMap(({ grant }) => grant ?? []))];
  if (!other) return grants;
  const reason = `its channels are tied to those of ${other.node.name}, which is not granted`;
  for (const grant of grants) {
    const { node } = decided.find((one) => one.grant === grant)!;
    outcomes.declined(grant, node, { reason });
  }
  return [];
}

interface Declined {
  readonly reason: string;
}

function pruneGroup(
  group: PruneGroup,
  grants: readonly Grant[],
  search: Search,
): Pruning | Declined {
  const { graph, calibration, made, spent, context } = search;
  const { readers, producers, tied } = group;
  const hasData = !calibration.isNoise;
  const sizes = hasData ? sizesOnData(graph, made, group, calibration) : sizesOfWeights(search);
  const choices = pruneChoices(group, sizes, (node) => soleReaderIn(graph, node));
  const errorsOf = hasData
    ? measuredErrors(graph, made, readers, calibration)
    : predictedErrors(readers);
  const within = Math.min(...grants.map((grant) => grant.within ?? 0));
  const most = longestWithin(choices, { within, spent, made, readers, errorsOf });
  if ("reason" in most) return most;
  const { count, errors, substitutes } = most;
  const after = msWithout(graph, substitutes, context);
  const layers = [...producers, ...readers].map(({ node }) => node);
  const family = `prunes ${count} of ${tied.length} channels`;
  if (!(search.ms - after >= leastGain * predictAll(layers, context))) {
    return { reason: `${family}: the network would not be faster` };
  }
  const gain = search.ms - after;
  readers.forEach((reader, at) => {
    spent.set(reader, (spent.get(reader) ?? 0) + errors[at]!);
  });
  const own = new Map([...substitutes].filter(([node]) => !made.has(node)));
  for (const [node, value] of own) made.set(node, value);
  search.ms = after;
  const error = Math.max(...errors);
  const told = { family, reason: whyGone(choices.slice(0, count)) };
  const changes = [...own].map(([node, value]) => ({
    node,
    change: changeOf(node, value, told, hasData ? error : Number.NaN),
  }));
  return { conv: producers[0]!.node, grants, substitutes: own, changes, error, gain };
}

/** The network's predicted time when the channels are removed. */
function msWithout(graph: Graph, substitutes: Substitutes, context: PassContext): number {
  const infinite = Number.POSITIVE_INFINITY;
  const trial = removeDeadChannels.run(substitute(graph, substitutes), {
    ...context,
    budget: { left: infinite },
    effort: { left: infinite },
    record: () => {},
    refuse: () => {},
  });
  return predictAll(trial.nodes, context);
}

interface Within {
  readonly count: number;
  readonly errors: readonly number[];
  /** Those of the groups before among them. */
  readonly substitutes: Substitutes;
}

/** The most choices, from the first on, that keep all readers within. */
function longestWithin(
  choices: readonly Choice[],
  known: {
    readonly within: number;
    readonly spent: ReadonlyMap<Filters, number>;
    readonly made: Substitutes;
    readonly readers: readonly Filters[];
    readonly errorsOf: ErrorsOf;
  },
): Within | Declined {
  const { within, spent, made, readers, errorsOf } = known;
  let best: Within | undefined;
  let closest = Number.POSITIVE_INFINITY;
  let [least, most] = [0, choices.length];
  while (least < most) {
    const count = Math.ceil((least + most) / 2);
    const chosen = choices.slice(0, count);
    const substitutes = new Map([...made, ...edited(chosen)]);
    const errors = errorsOf(chosen, substitutes);
    const isWithin = errors.every((error, at) => {
      return error + (spent.get(readers[at]!) ?? 0) <= within;
    });
    closest = Math.min(closest, Math.max(...errors));
    if (isWithin) [best, least] = [{ count, errors, substitutes }, count];
    else most = count - 1;
  }
  if (best) return best;
  if (choices.length === 0) return { reason: "it has no channel to spare" };
  return { reason: `without the least of its channels the error is ${printError(closest)}` };
}

/** The layers whose filters choices change. */
function edited(choices: readonly Choice[]): Map<Node, Value> {
  const edits = new Map<Filters, Choice["edits"][number]["edit"][]>();
  for (const { layer, edit } of choices.flatMap((choice) => choice.edits)) {
    edits.set(layer, [...(edits.get(layer) ?? []), edit]);
  }
  return new Map([...edits].map(([layer, all]) => [layer.node, editFilters(layer, all)]));
}

/** `3 as constants, 1 as a copy`. */
function whyGone(choices: readonly Choice[]): string {
  const copies = choices.filter(({ edits }) => edits[0]?.edit.kind === "copy").length;
  const constants = choices.length - copies;
  const parts = [
    ...(constants > 0 ? [`${constants} hardly more than a constant`] : []),
    ...(copies > 0 ? [`${copies} close to a multiple of another`] : []),
  ];
  return parts.join(", ");
}

function changeOf(
  node: Node,
  value: Value,
  told: Pick<StructureChange, "family" | "reason">,
  outputError: number,
): StructureChange {
  const [old, now] = [filtersOf(node)?.weight, filtersOf(value.node)?.weight];
  const weightError = old && now ? relativeError([differenceOf(now, old)]) : Number.NaN;
  const label = labelOf(weightError, outputError);
  const [before, after] = [withConstants([node]), withConstants([value.node])];
  return { ...told, label, weightError, outputError, before, after };
}
