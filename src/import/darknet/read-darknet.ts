import { nearest } from "../../diagnostics/nearest.js";
import { InternalError, type Report } from "../../diagnostics/report.js";
import { maxSourceBytes } from "../../dsl/limits.js";
import { build } from "../../ir/build.js";
import type { Graph, GraphOutput, Value } from "../../ir/graph.js";
import { ShapeError } from "../../ir/ops/operator.js";
import { graphOf } from "../../ir/order.js";
import { f32 } from "../../ir/types.js";
import type { TensorStore } from "../../weights/store.js";
import type { ImportContext, Imported } from "../imported.js";
import { LayerError, type Made, type Site } from "./layer.js";
import { type LayerKind, layerKinds, refusedSections } from "./layers/index.js";
import { LayerReferenceError, Network } from "./network.js";
import { Options } from "./options.js";
import { parseCfg, type Section, shortened } from "./parse-cfg.js";
import { readWeights } from "./weights.js";

/** The most layers that a network may have. */
export const maxLayers = 4000;

/**
 * A Darknet network: a `.cfg` file, and the `.weights` of the same name beside it. Layers are counted
 * from 0 as Darknet counts them, and parameters are named after them: `conv3.weight`, `bn3.running_mean`.
 * The input is `input`. Outputs are `conv_K` for each detection head, `K` being the layer before it (with
 * `decode` the boxes, as `yolo_K` or `region_K` of the head itself), and the last layer where it is no head.
 * Without a weights file there are no tensors. Throws a CompileError.
 */
export function readDarknet(bytes: Uint8Array, context: ImportContext, report: Report): Imported {
  const { path } = context;
  if (bytes.length > maxSourceBytes) report.add("source-too-large", { limit: maxSourceBytes });
  report.throwIfErrors();
  const text = new TextDecoder().decode(bytes);
  report.addSource(path, text);
  const [net, ...layers] = parseCfg(path, text, report);
  if (!isNet(net) || layers.length === 0)
    report.add("cfg-no-net", { file: path }, { span: net?.span });
  if (layers.length > maxLayers)
    report.add("cfg-too-many-layers", { file: path, limit: maxLayers });
  report.throwIfErrors();
  refuseLayers(path, layers, report);
  const begin = readNet(net!, report);
  const makers = layers.map((section) => kindOf(section).read(new Options(section, report)));
  report.throwIfErrors();
  const network = begin(context);
  makers.forEach((make, at) => {
    addLayer(network, layers[at]!, make, report);
  });
  return finish(network, layers, context, report);
}

const isNet = (section: Section | undefined): boolean =>
  section?.type === "[net]" || section?.type === "[network]";

function kindOf({ type }: Section): LayerKind {
  const kind = layerKinds.get(type);
  if (!kind) throw new InternalError(`${type} was not refused and is not known`);
  return kind;
}

/** Reports all layers that cannot be compiled, at once. */
function refuseLayers(file: string, sections: readonly Section[], report: Report): void {
  const layers = sections.flatMap((section, index) => {
    const problem = problemOf(section, report);
    if (problem === undefined) return [];
    return [{ index, section: shortened(section.type), line: section.line, problem }];
  });
  if (layers.length > 0) report.add("cfg-layers-unsupported", { file, layers });
  report.throwIfErrors();
}

function problemOf(section: Section, report: Report): string | undefined {
  const kind = layerKinds.get(section.type);
  if (!kind) return refusedSections.get(section.type) ?? unknownLayer(section.type);
  const refused = Object.entries(kind.refused ?? {});
  const options = new Options(section, report);
  return refused.find(([key]) => isSet(options, key))?.[1];
}

function unknownLayer(type: string): string {
  const meant = nearest(type, layerKinds.keys());
  return `there is no such layer${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

/** Whether an option is there and not 0. */
const isSet = ({ section }: Options, key: string): boolean =>
  (section.entries.get(key)?.value ?? "0") !== "0";

/** Reads the network's own options. */
function readNet(section: Section, report: Report): (context: ImportContext) => Network {
  const options = new Options(section, report);
  const height = options.whole("height", 0);
  const width = options.whole("width", 0);
  const channels = options.whole("channels", 0);
  const inputs = options.whole("inputs", 0);
  const isImage = height * width * channels > 0;
  if (!isImage && inputs === 0) {
    options.require("height", "a whole number from 1");
    options.require("width", "a whole number from 1");
    options.require("channels", "a whole number from 1");
    const problem = "height, width and channels must be 1 at least";
    if (!report.hasErrors)
      report.add("cfg-layer-unfit", { section: section.type, problem }, section);
  }
  return ({ batch = 1, decode = false }) => {
    const type = isImage ? f32(batch, channels, height, width) : f32(batch, inputs);
    const input = inPlace(section, report, () =>
      build("input", {}, { name: "input", type }, { name: "input" }),
    );
    return new Network(input, { height, width }, decode);
  };
}

function addLayer(
  network: Network,
  section: Section,
  make: (site: Site) => Value | Made,
  report: Report,
): void {
  inPlace(section, report, () => network.add(make));
}

/** Runs what may not fit, and reports it at the section. Later layers need this one, so it ends the stage. */
function inPlace<T>({ type, span, entries }: Section, report: Report, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const section = type;
    if (error instanceof LayerReferenceError) {
      const { key, reference, problem } = error;
      const place = { span: entries.get(key)?.span ?? span };
      report.add("cfg-layer-reference", { section, key, reference, problem }, place);
    } else if (error instanceof LayerError) {
      report.add("cfg-layer-unfit", { section, problem: error.message }, { span });
    } else if (error instanceof ShapeError) {
      const { code, details, hint }: ShapeError = error;
      report.add(code, details, { span, hint });
    } else throw error;
    report.throwIfErrors();
    throw new InternalError("an error was reported and not thrown");
  }
}

function finish(
  network: Network,
  layers: readonly Section[],
  context: ImportContext,
  report: Report,
): Imported {
  const name = modelName(context.path);
  if (context.decode && network.outputs.length === 0) report.add("decode-without-heads", {});
  const outputs = outputsOf(network, layers);
  if (outputs.length === 0) report.add("cfg-no-net", { file: context.path });
  report.throwIfErrors();
  const inputs = [{ name: "input", value: network.input }];
  const graph = graphOf({ name, inputs, outputs, grants: [] });
  const found = weightsOf(`${name}.weights`, context);
  const stored = found
    ? readWeights(found.bytes, network.places, { file: found.file, report })
    : new Map();
  report.throwIfErrors();
  return { graph, tensors: onlyRead(stored, graph) };
}

/** The file of weights: the one asked for, else the one beside the model. */
function weightsOf(file: string, { weights, read }: ImportContext) {
  if (weights) return weights === "unwanted" ? undefined : weights;
  const bytes = read(file);
  return bytes && { file, bytes };
}

/** The tensors of layers that an output needs. */
function onlyRead(stored: TensorStore, graph: Graph): TensorStore {
  const paths = graph.nodes.flatMap((node) => (node.op === "parameter" ? node.attrs.path : []));
  return new Map(
    paths.flatMap((path) => {
      const tensor = stored.get(path);
      return tensor ? [[path, tensor]] : [];
    }),
  );
}

/** The heads' outputs, and the last layer that computes something where that is no head. */
function outputsOf(network: Network, layers: readonly Section[]): readonly GraphOutput[] {
  const last = layers.findLastIndex((section) => kindOf(section).name !== "cost");
  if (!network.last || last < 0) return network.outputs;
  return [
    ...network.outputs,
    { name: `${kindOf(layers[last]!).name}_${last}`, value: network.last },
  ];
}

/** The file's name without folder and ending. */
function modelName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return name.replace(/\.cfg$/i, "") || "network";
}
