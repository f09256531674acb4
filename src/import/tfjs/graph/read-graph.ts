import { Feature } from "../feature.js";
import type { Inputs } from "../inputs.js";
import { type Json, JsonError } from "../json.js";
import type { NamedResult } from "../layers/read-layers.js";
import type { Reading } from "../reading.js";
import type { Weights } from "../weights.js";
import {
  biasAdd,
  conv2D,
  conv2DBackpropInput,
  depthwiseConv2D,
  fusedBatchNorm,
  matMul,
  poolNode,
} from "./convolution.js";
import { elementwiseReaders } from "./elementwise.js";
import { GraphNode, type NodeReader } from "./graph-node.js";
import { type Item, Known } from "./item.js";
import { shapeReaders } from "./shape.js";

/** TensorFlow's operators. */
export const nodeReaders: ReadonlyMap<string, NodeReader> = new Map([
  ["Conv2D", conv2D],
  ["_FusedConv2D", conv2D],
  ["DepthwiseConv2dNative", depthwiseConv2D],
  ["FusedDepthwiseConv2dNative", depthwiseConv2D],
  ["_FusedDepthwiseConv2dNative", depthwiseConv2D],
  ["Conv2DBackpropInput", conv2DBackpropInput],
  ["MatMul", matMul],
  ["_FusedMatMul", matMul],
  ["BatchMatMul", matMul],
  ["BatchMatMulV2", matMul],
  ["BiasAdd", biasAdd],
  ["BiasAddV1", biasAdd],
  ["FusedBatchNorm", fusedBatchNorm],
  ["FusedBatchNormV2", fusedBatchNorm],
  ["FusedBatchNormV3", fusedBatchNorm],
  ["MaxPool", poolNode("max")],
  ["AvgPool", poolNode("avg")],
  ...elementwiseReaders,
  ...shapeReaders,
]);

/** A node as the file has it. */
interface Listed {
  readonly name: string;
  readonly op: string;
  readonly json: Json;
  /** Results that it takes: a node's name and which of its results. */
  readonly takes: readonly { readonly name: string; readonly result: number }[];
}

function listedNode(json: Json): Listed {
  const input = json.at("input");
  const names = input.isMissing ? [] : input.items().map((item) => item.text());
  const takes = names.filter((name) => !name.startsWith("^")).map(resultOf);
  return { name: json.at("name").text(), op: json.at("op").text(), json, takes };
}

function resultOf(text: string): { name: string; result: number } {
  const [, name = text, digits] = /^(.*):(\d{1,6})$/.exec(text) ?? [];
  return { name, result: digits === undefined ? 0 : Number(digits) };
}

/** Reads a graph of nodes; its results by name. */
export function readGraphModel(
  model: Json,
  reading: Reading,
  inputs: Inputs,
  weights: Weights,
): readonly NamedResult[] {
  const place = model.at("modelTopology").at("node");
  const nodes = new Map<string, Listed>();
  for (const json of place.items()) {
    const node = listedNode(json);
    if (nodes.has(node.name))
      throw new JsonError(json.place, `two nodes are called ${node.name.slice(0, 120)}`);
    nodes.set(node.name, node);
  }
  const outputs = outputNames(model, nodes);
  const results = new Map<string, readonly (Item | undefined)[]>();
  const labels = new Labels([...nodes.keys()], reading);
  for (const node of inOrder(
    outputs.map(({ name }) => name),
    nodes,
    place.place,
  )) {
    results.set(node.name, read(node, { reading, inputs, weights, results, labels, model }));
  }
  return outputs.map(({ name, result }) => {
    const item = results.get(name)?.[result];
    if (item instanceof Known)
      reading.refuse(name, nodes.get(name)!.op, "an output does not depend on any input");
    return {
      name: result === 0 ? name : `${name}:${result}`,
      feature: item instanceof Feature ? item : undefined,
    };
  });
}

/** The outputs of the signature, else the nodes that nothing takes. */
function outputNames(model: Json, nodes: ReadonlyMap<string, Listed>) {
  const outputs = model.at("signature").at("outputs");
  const told = outputs.isMissing
    ? unread(nodes)
    : outputs.entries().map(([key, output]) => output.at("name").text(key));
  const names = told.map(resultOf);
  const missing = names.find(({ name }) => !nodes.has(name));
  if (missing) throw new JsonError(outputs.place, `there is no node ${missing.name.slice(0, 120)}`);
  if (names.length === 0) throw new JsonError(outputs.place, "the model has no outputs");
  return names;
}

function unread(nodes: ReadonlyMap<string, Listed>): readonly string[] {
  const taken = new Set([...nodes.values()].flatMap(({ takes }) => takes.map(({ name }) => name)));
  return [...nodes.values()]
    .filter(({ name, op }) => !taken.has(name) && op !== "NoOp" && op !== "Const")
    .map(({ name }) => name);
}

/** Nodes that the outputs need, each behind those that it takes. */
function inOrder(
  roots: readonly string[],
  nodes: ReadonlyMap<string, Listed>,
  place: string,
): readonly Listed[] {
  const order: Listed[] = [];
  const state = new Map<string, "open" | "done">();
  const stack: { readonly node: Listed; next: number }[] = [];
  const enter = (name: string): void => {
    const node = nodes.get(name);
    if (!node) throw new JsonError(place, `there is no node ${name.slice(0, 120)}`);
    if (state.get(name) === "open")
      throw new JsonError(place, `node ${name.slice(0, 120)} takes its own result`);
    if (state.has(name)) return;
    state.set(name, "open");
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const taken = top.node.takes[top.next++];
      if (taken) enter(taken.name);
      else {
        state.set(top.node.name, "done");
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

interface Surroundings {
  readonly reading: Reading;
  readonly inputs: Inputs;
  readonly weights: Weights;
  readonly results: ReadonlyMap<string, readonly (Item | undefined)[]>;
  readonly labels: Labels;
  readonly model: Json;
}

/** A node's results; undefined ones where it, or what it takes, was refused. */
function read(node: Listed, around: Surroundings): readonly (Item | undefined)[] {
  const { reading, inputs, weights, results, labels, model } = around;
  const { name, op, json } = node;
  if (op === "Placeholder") return [inputs.make(name, shapeIn(json, name, model))];
  if (op === "Const") {
    const stored = weights.get(name);
    if (!stored) reading.refuse(name, op, "the manifest of weights does not have it");
    return [stored && Known.stored(stored)];
  }
  const reader = nodeReaders.get(op);
  if (!reader) {
    reading.refuse(name, op, "there is no such operator here");
    return [undefined];
  }
  const items = node.takes.map((taken) => results.get(taken.name)?.[taken.result]);
  const known = items.filter((item) => item !== undefined);
  if (known.length < items.length) return [undefined];
  const made = reading.attempt(name, op, () =>
    reader(new GraphNode(reading, json, op, labels.of(name), known)),
  );
  return made instanceof Feature || made instanceof Known || made === undefined ? [made] : made;
}

/** The shape of a placeholder: its own, else the signature's. */
function shapeIn(json: Json, name: string, model: Json): readonly (number | undefined)[] {
  const shape = json.at("attr").at("shape").at("shape");
  const own = shape.at("dim").isMissing ? undefined : shape.at("dim");
  const signature = model.at("signature").at("inputs");
  const told = signature.isMissing
    ? undefined
    : signature
        .entries()
        .find(([key, input]) => resultOf(input.at("name").text(key)).name === name)?.[1];
  const dims = own ?? told?.at("tensorShape").at("dim");
  if (!dims || dims.isMissing) return [undefined, undefined, undefined, undefined];
  return dims.items().map((dim) => {
    const size = Number(
      dim.at("size").isNumber ? dim.at("size").number() : dim.at("size").text("-1"),
    );
    return Number.isSafeInteger(size) && size >= 1 ? size : undefined;
  });
}

/** Parts of a node's name that tell the operator only. */
const tellsOperator =
  /^(Conv2D|depthwise|separable_conv2d|MatMul|BiasAdd|FusedBatchNormV\d|Relu6?|add|mul)$/i;

/** Labels of nodes: names without what all have in front and without what only tells the operator. */
class Labels {
  readonly #front: string;
  readonly #known = new Map<string, string>();

  constructor(
    names: readonly string[],
    private readonly reading: Reading,
  ) {
    const [first = ""] = names.filter((name) => name.includes("/"));
    const front = `${first.split("/")[0]}/`;
    this.#front = names.every((name) => !name.includes("/") || name.startsWith(front)) ? front : "";
  }

  of(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const inner = name.startsWith(this.#front) ? name.slice(this.#front.length) : name;
    const parts = inner.split("/").filter((part) => part !== "");
    if (parts.length > 1 && tellsOperator.test(parts.at(-1)!)) parts.pop();
    const label = this.reading.uniqueLabel(parts.join(".") || "node");
    this.#known.set(name, label);
    return label;
  }
}
