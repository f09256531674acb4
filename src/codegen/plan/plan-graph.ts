import { macsOf } from "../../ir/cost.js";
import type { Graph, Node, Value } from "../../ir/graph.js";
import { sizeOf } from "../../ir/types.js";
import type { Call, LoopModule } from "../loops/types.js";
import type { KernelTarget } from "../target.js";
import { type Addresses, assignAddresses } from "./assign-addresses.js";
import { buildModule } from "./build-module.js";
import { type Choice, chooseAlgorithms, type Preferences } from "./choose-algorithm.js";
import { Homes } from "./choose-layout.js";
import { layoutOf } from "./home.js";
import { elementsOf, type Step, StepList } from "./list-steps.js";
import type { Placement, Plan, PlannedLayer } from "./plan.js";
import { outputNeed, Readings } from "./readings.js";
import { takeOverDead, widenHalos } from "./share-memory.js";

/** Multiply-accumulates that take as long as an element to be copied. */
const macsPerCopy = 4;

/** Work of a step in multiply-accumulates; an element counts as one. */
const workOf = ({ node, copied = 0 }: Step): number =>
  node ? Math.max(macsOf(node), elementsOf(node)) : copied * macsPerCopy;

function layersOf(
  graph: Graph,
  homes: Homes,
  choices: ReadonlyMap<Node, Choice>,
  steps: readonly Step[],
): PlannedLayer[] {
  const weightBytes = new Map<Node, number>();
  const copied = new Set<Node>();
  for (const { node, arguments: values } of steps) {
    if (!node) continue;
    copied.add(node);
    let bytes = weightBytes.get(node) ?? 0;
    for (const value of values) {
      if (value.kind === "data" || value.kind === "derived") bytes += value.data.byteLength;
    }
    weightBytes.set(node, bytes);
  }
  const ownBytes = (value: Value): number => {
    const { root, sharesHalo } = homes.of(value);
    if (sharesHalo && root.type === value.type) return root.bytes;
    return 4 * sizeOf(value.type.shape);
  };
  const worked = graph.nodes.filter(({ op }) => op !== "input" && op !== "constant");
  return worked.map((node) => {
    const choice = choices.get(node);
    const isView = !choice && (node.op === "concat" || !copied.has(node));
    return {
      node,
      algorithm: choice?.algorithm ?? (copied.has(node) ? "copy" : "view"),
      rejected: choice?.rejected ?? [],
      ms: choice?.ms ?? 0,
      isMeasured: choice?.isMeasured ?? false,
      macs: macsOf(node),
      weightBytes: weightBytes.get(node) ?? 0,
      arenaBytes: isView ? 0 : node.results.reduce((sum, value) => sum + ownBytes(value), 0),
    };
  });
}

/** The values that lie in the arena: inputs, and whatever a step reads or writes. */
function placementsOf(
  graph: Graph,
  homes: Homes,
  steps: readonly Step[],
  addresses: Addresses,
): Map<Value, Placement> {
  const used = new Set(graph.inputs.map(({ value }) => homes.of(value).root.memory));
  for (const step of steps) {
    for (const argument of step.arguments) {
      if (argument.kind === "root") used.add(argument.root.memory);
    }
  }
  const placements = new Map<Value, Placement>();
  for (const node of graph.nodes) {
    for (const value of node.results) {
      const home = homes.of(value);
      if (node.op === "constant" || !used.has(home.root.memory)) continue;
      const bytes = addresses.ofRoot(home.root, home.locate().offset);
      placements.set(value, { layout: layoutOf(home), bytes });
    }
  }
  return placements;
}

/** Calls are those of the steps, in their order. */
const callNodesOf = (steps: readonly Step[], { schedule }: LoopModule): Map<Call, Node> =>
  new Map(steps.flatMap(({ node }, index) => (node ? [[schedule[index]!, node] as const] : [])));

/** Makes every choice for a graph: algorithms, layouts, memory, packed weights, the calls of one inference. */
export function planGraph(
  graph: Graph,
  target: KernelTarget,
  preferences: Preferences = { roundMore: true },
): Plan {
  const choices = chooseAlgorithms(graph, target, preferences);
  const homes = new Homes(graph, choices);
  widenHalos(graph, homes, choices);
  takeOverDead(graph, homes, choices);
  const readings = new Readings(graph, homes, choices);
  const steps = new StepList(readings, choices, target).addGraph(graph);
  const outputHomes = graph.outputs.map(({ value }) => readings.of(value, outputNeed));
  const addresses = assignAddresses(
    steps,
    graph.inputs.map(({ value }) => homes.of(value).root),
    outputHomes.map(({ root }) => root),
  );
  const { weights, weightBytes, arenaBytes, arenaBound, derivedBytes, memoryBytes } = addresses;
  const { ofArgument, sourceOf } = addresses;
  const module = buildModule({ steps, addressOf: ofArgument, sourceOf, workOf, memoryBytes });
  return {
    graph,
    target,
    placements: placementsOf(graph, homes, steps, addresses),
    layers: layersOf(graph, homes, choices, steps),
    module,
    callNodes: callNodesOf(steps, module),
    weights: weights.blocks,
    weightBytes,
    weightsFile: { precision: "f32", bytes: weightBytes, address: 0 },
    arenaBytes,
    arenaBound,
    derivedBytes,
    inputs: graph.inputs.map(({ name, value }) => ({
      name,
      bytes: addresses.ofRoot(homes.of(value).root),
    })),
    outputs: graph.outputs.map(({ name }, index) => {
      const { root, locate } = outputHomes[index]!;
      return { name, bytes: addresses.ofRoot(root, locate().offset) };
    }),
  };
}
