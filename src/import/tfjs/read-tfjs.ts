import type { Report } from "../../diagnostics/report.js";
import type { Graph, GraphOutput } from "../../ir/graph.js";
import { graphOf } from "../../ir/order.js";
import type { TensorStore } from "../../weights/store.js";
import type { ImportContext, Imported } from "../imported.js";
import { readGraphModel } from "./graph/read-graph.js";
import { Inputs } from "./inputs.js";
import { Json, JsonError } from "./json.js";
import { type NamedResult, readModel } from "./layers/read-layers.js";
import { WeightNames } from "./layers/site.js";
import { Names, orMalformed, Reading } from "./reading.js";
import { readWeights } from "./weights.js";

/** The most bytes of a `model.json`. */
export const maxModelBytes = 2 ** 26;

/**
 * A TF.js model: `model.json` with the files of weights that it names. Inputs and outputs keep
 * TensorFlow's order of axes and are called as in the model; parameters are named after layers or nodes, in this
 * compiler's order of axes. Without files of weights there are no tensors. Throws a CompileError.
 */
export function readTfjs(bytes: Uint8Array, context: ImportContext, report: Report): Imported {
  const { path } = context;
  if (bytes.length > maxModelBytes) {
    report.add("file-too-large", { file: path, bytes: bytes.length, limit: maxModelBytes });
  }
  report.throwIfErrors();
  return orMalformed(path, report, () => {
    const model = parse(bytes);
    const reading = new Reading(path, report);
    const inputs = new Inputs(context, report);
    const topology = model.at("modelTopology");
    const isOfLayers = topology.at("node").isMissing;
    // A graph's constants may be shapes: they are read whatever becomes of the weights.
    const isUnwanted = isOfLayers && context.weights === "unwanted";
    const manifest = isUnwanted ? new Json(undefined, "") : model.at("weightsManifest");
    const weights = readWeights(manifest, context, report);
    report.throwIfErrors();
    const results = isOfLayers
      ? readLayersModel(topology, reading, inputs, weights)
      : readGraphModel(model, reading, inputs, weights);
    inputs.finish();
    reading.finish();
    const outputs = outputsOf(results);
    const graph = graphOf({ name: nameOf(path), inputs: inputs.list, outputs, grants: [] });
    return { graph, tensors: onlyRead(reading.tensors, graph) };
  });
}

function parse(bytes: Uint8Array): Json {
  try {
    return new Json(JSON.parse(new TextDecoder().decode(bytes)), "");
  } catch {
    throw new JsonError("", "it is no JSON");
  }
}

function readLayersModel(
  topology: Json,
  reading: Reading,
  inputs: Inputs,
  weights: ReturnType<typeof readWeights>,
): readonly NamedResult[] {
  const nested = topology.at("model_config");
  const model = nested.isMissing ? topology : nested;
  const input = (name: string, shape: Json) =>
    inputs.make(
      name,
      shape.items().map((size) => (size.isMissing ? undefined : size.whole(undefined, 1))),
    );
  const layers = new Map();
  return readModel(model, { reading, weights: new WeightNames(weights), layers, input });
}

/** Outputs by name; several results of one layer get numbers. */
function outputsOf(results: readonly NamedResult[]): readonly GraphOutput[] {
  const names = new Names();
  return results.flatMap(({ name: wished, feature }) => {
    if (!feature) return [];
    const name = names.add(wished, 1);
    const layout = feature.rank === 4 ? { layout: "nhwc" as const } : {};
    return [{ name, value: feature.last, ...layout }];
  });
}

/** The tensors that an output needs. */
function onlyRead(tensors: TensorStore, graph: Graph): TensorStore {
  const paths = graph.nodes.flatMap((node) => (node.op === "parameter" ? node.attrs.path : []));
  return new Map(
    paths.flatMap((path) => {
      const tensor = tensors.get(path);
      return tensor ? [[path, tensor]] : [];
    }),
  );
}

/** `model.json` is called after its folder, other files after themselves. */
function nameOf(path: string): string {
  const parts = path.split(/[/\\]/);
  const file = parts.at(-1)!.replace(/\.json$/i, "");
  return (file.toLowerCase() === "model" ? parts.at(-2) : file) || file || "model";
}
