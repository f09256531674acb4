import type { Feature } from "../feature.js";
import { type Json, JsonError } from "../json.js";
import type { Reading } from "../reading.js";
import { orderCalls, type Reference, readCalls, readReferences } from "./call-graph.js";
import { layerBuilders } from "./index.js";
import { LayerSite, type WeightNames } from "./site.js";

/** How deep models may stand in models. */
export const maxDepth = 32;

const modelClasses = ["Sequential", "Functional", "Model"];

/** A result of a model; undefined where what makes it was refused. */
type Result = Feature | undefined;

export interface NamedResult {
  readonly name: string;
  readonly feature: Result;
}

/** What is around a model while it is read. */
export interface ModelContext {
  readonly reading: Reading;
  readonly weights: WeightNames;
  /** Layers by what describes them: a model that is called twice has its layers once. */
  readonly layers: Map<unknown, Layer>;
  /** Makes an input of the whole model. */
  input(name: string, shape: Json): Result;
}

/** A model inside a model gets its inputs from there. */
interface Around {
  readonly inputs: readonly Result[] | undefined;
  readonly scope: readonly string[];
}

const isModel = (layer: Json): boolean => modelClasses.includes(layer.at("class_name").text());

const nameOf = (layer: Json): string =>
  layer.at("config").at("name").text(layer.at("name").text(""));

/** Reads a model of layers; its results by name. */
export function readModel(
  model: Json,
  context: ModelContext,
  around: Around = { inputs: undefined, scope: [] },
): readonly NamedResult[] {
  if (around.scope.length > maxDepth)
    throw new JsonError(model.place, `models stand more than ${maxDepth} deep`);
  const config = model.at("config");
  const isSequential = model.at("class_name").choice(modelClasses) === "Sequential";
  return isSequential
    ? readSequential(config, context, around)
    : readFunctional(config, context, around);
}

function readSequential(
  config: Json,
  context: ModelContext,
  around: Around,
): readonly NamedResult[] {
  const layers = (config.isList ? config : config.at("layers")).items();
  const [first] = layers;
  if (!first) throw new JsonError(config.place, "a model has one layer at least");
  let results: readonly Result[] = around.inputs ?? [sequentialInput(first, context)];
  const last = layers.at(-1)!;
  for (const layer of layers) {
    if (layer.at("class_name").text() === "InputLayer") continue;
    results = layerOf(layer, context, around.scope).call(results);
  }
  return results.map((feature) => ({ name: nameOf(last) || "output", feature }));
}

/** What a sequential model takes: told by its first layer, or by the first of the model that is its first. */
function sequentialInput(layer: Json, context: ModelContext): Result {
  let at = layer;
  for (let depth = 0; depth < maxDepth && isModel(at); depth++) {
    const config = at.at("config");
    const [inner] = (config.isList ? config : config.at("layers")).items();
    if (!inner) throw new JsonError(config.place, "a model has one layer at least");
    at = inner;
  }
  const isInput = at.at("class_name").text() === "InputLayer";
  const name = nameOf(at) || "input";
  return context.input(isInput ? name : `${name}_input`, shapeIn(at));
}

/** The shape that a layer says its input has. */
function shapeIn(layer: Json): Json {
  const config = layer.at("config");
  const [old, recent] = [config.at("batch_input_shape"), config.at("batch_shape")];
  return old.isMissing && !recent.isMissing ? recent : old;
}

function readFunctional(
  config: Json,
  context: ModelContext,
  around: Around,
): readonly NamedResult[] {
  const written = config
    .at("layers")
    .items()
    .map((json) => ({
      name: json.at("name").text(nameOf(json)),
      calls: readCalls(json.at("inbound_nodes")),
      json,
    }));
  const outputs = readReferences(config.at("output_layers"));
  const fromZero = renumbered(written, outputs);
  const layers = written.map((layer) => ({
    ...layer,
    calls: layer.calls.map((takes) => takes.map(fromZero)),
  }));
  const inputs = readReferences(config.at("input_layers"));
  const given = new Map(inputs.map(({ layer }, at) => [layer, around.inputs?.[at]] as const));
  const results = new Map<string, readonly Result[]>();
  const lookUp = (layer: string, call: number, result: number): Result =>
    results.get(`${call} ${layer}`)?.[result];
  for (const { layer, call, takes } of orderCalls(layers, config.at("layers").place)) {
    const { name, json } = layers[layer]!;
    const key = `${call} ${name}`;
    if (json.at("class_name").text() === "InputLayer") {
      results.set(key, [around.inputs ? given.get(name) : context.input(name, shapeIn(json))]);
      continue;
    }
    const arriving = takes.map((taken) => lookUp(taken.layer, taken.call, taken.result));
    results.set(key, layerOf(json, context, around.scope).call(arriving));
  }
  const place = config.at("output_layers");
  return outputs.map(fromZero).map(({ layer, call, result }) => {
    if (!results.has(`${call} ${layer}`))
      throw new JsonError(place.place, `there is no layer ${layer}`);
    return { name: layer, feature: lookUp(layer, call, result) };
  });
}

/** A layer of a functional model with what each of its calls takes. */
interface WrittenLayer {
  readonly name: string;
  readonly json: Json;
  readonly calls: readonly (readonly Reference[])[];
}

/**
 * Calls of models inside a model are mostly counted from 1: call 0 is that by which the model was made. Whether
 * they are shows in a reference that is as high as their number.
 */
function renumbered(
  layers: readonly WrittenLayer[],
  outputs: readonly Reference[],
): (reference: Reference) => Reference {
  const all = [...layers.flatMap(({ calls }) => calls.flat()), ...outputs];
  const highest = new Map<string, number>();
  for (const { layer, call } of all) highest.set(layer, Math.max(call, highest.get(layer) ?? 0));
  const isFromOne = ({ name, json, calls }: WrittenLayer) =>
    isModel(json) && calls.length > 0 && highest.get(name) === calls.length;
  const fromOne = new Set(layers.filter(isFromOne).map(({ name }) => name));
  return (reference) =>
    fromOne.has(reference.layer) ? { ...reference, call: reference.call - 1 } : reference;
}

function layerOf(json: Json, context: ModelContext, scope: readonly string[]): Layer {
  const layer = context.layers.get(json.value) ?? new Layer(json, context, scope);
  context.layers.set(json.value, layer);
  return layer;
}

/** A layer that may be called several times, with the same parameters. */
class Layer {
  readonly #name: string;
  readonly #label: string;

  constructor(
    readonly json: Json,
    readonly context: ModelContext,
    readonly scope: readonly string[],
  ) {
    this.#name = nameOf(json);
    const wished = this.#name.replaceAll("/", ".") || json.at("class_name").text().toLowerCase();
    this.#label = isModel(json) ? "" : context.reading.uniqueLabel(wished);
  }

  /** The layer's results; undefined ones where it is refused or something refused arrives. */
  call(inputs: readonly Result[]): readonly Result[] {
    const { json, context, scope } = this;
    const type = json.at("class_name").text();
    if (isModel(json)) {
      const inner = { inputs, scope: [...scope, this.#name] };
      return readModel(json, context, inner).map(({ feature }) => feature);
    }
    const builder = layerBuilders.get(type);
    if (!builder) {
      context.reading.refuse(this.#name, type, "there is no such layer here");
      return [undefined];
    }
    const arriving = inputs.flatMap((input) => input ?? []);
    if (arriving.length < inputs.length) return [undefined];
    const find = (part: string) => context.weights.find(scope, this.#name, part);
    const site = new LayerSite(context.reading, json.at("config"), arriving, this.#label, find);
    return [context.reading.attempt(this.#name, type, () => builder(site))];
  }
}
