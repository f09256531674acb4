import { createRequire } from "node:module";
import path from "node:path";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { readGraph } from "../graph-file.mjs";
import { operators, turned, turnShape } from "./tfjs-operators.mjs";

/** Weights in TF.js's orders, made once. */
class Constants {
  #cache = new Map();
  #turn(weight, order) {
    const key = `${weight.id} ${order}`;
    if (!this.#cache.has(key)) this.#cache.set(key, tf.keep(tf.transpose(weight.raw, order)));
    return this.#cache.get(key);
  }
  filter(weight, depthwise) {
    return this.#turn(weight, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
  }
  matrix(weight) {
    return this.#turn(weight, [1, 0]);
  }
  deconvFilter(weight) {
    return this.#turn(weight, [2, 3, 1, 0]);
  }
}

/** The graph's constants by node: as they are stored, and with their channels last. */
const holdConstants = ({ nodes, data }) =>
  nodes.map((node, id) => {
    if (node.op !== "constant") return undefined;
    const { shape, offset } = node.attrs;
    const size = shape.reduce((a, b) => a * b, 1);
    const raw = tf.tensor(data.slice(offset, offset + size), shape);
    return { id, raw, turned: turned(raw) };
  });

/** Operators that ask `Constants` for their weights. */
const filtering = new Set(["conv2d", "deconv2d", "linear"]);

/** The operands of a node by name: tensors, lists of them, and weights as they are held. */
function operandsOf(node, values, held) {
  const read = (name, [id]) => {
    if (held[id] === undefined) return values[id];
    return filtering.has(node.op) && name === "weight" ? held[id] : held[id].turned;
  };
  const one = ([name, operand]) => {
    const isList = operand.length === 0 || Array.isArray(operand[0]);
    return [name, isList ? operand.map((item) => read(name, item)) : read(name, operand)];
  };
  return Object.fromEntries(Object.entries(node.operands).map(one));
}

/** The tensors that a graph puts out, from arrays by input. */
function evaluate(graph, held, constants, feeds) {
  const values = [];
  graph.nodes.forEach((node, id) => {
    const [shape] = node.shapes;
    if (node.op === "constant") return;
    if (node.op === "input") {
      values[id] = tf.tensor(feeds[node.attrs.name], shape.length === 4 ? turnShape(shape) : shape);
      return;
    }
    const operator = operators[node.op];
    if (!operator) throw new Error(`no TF.js form of ${node.op}`);
    values[id] = operator(operandsOf(node, values, held), node.attrs, constants, node.shapes);
  });
  return graph.outputs.map(({ value: [id] }) => values[id]);
}

/** A feature map with its channels first, as all others hold it, with its channels last, and back. */
function turnArray(data, [n, c, h, w], last) {
  const turnedData = new Float32Array(data.length);
  for (let image = 0; image < n; image++) {
    for (let channel = 0; channel < c; channel++) {
      for (let pixel = 0; pixel < h * w; pixel++) {
        const first = (image * c + channel) * h * w + pixel;
        const behind = (image * h * w + pixel) * c + channel;
        if (last) turnedData[behind] = data[first];
        else turnedData[first] = data[behind];
      }
    }
  }
  return turnedData;
}

/** Arrays by name with those of four axes turned; `tensors` are a graph's inputs or outputs. */
function turnArrays(arrays, { nodes }, tensors, last) {
  const one = ({ name, value: [id, index] }) => {
    const shape = nodes[id].shapes[index];
    return [name, shape.length === 4 ? turnArray(arrays[name], shape, last) : arrays[name]];
  };
  return Object.fromEntries(tensors.map(one));
}

/** Why TF.js does not run on so many threads here: it has none in Node. */
const reasonAgainst = async (threads) =>
  threads === 1 || (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT"))
    ? undefined
    : "TF.js uses one thread in Node";

async function startBackend(threads) {
  const { resolve } = createRequire(import.meta.url);
  const dist = path.dirname(resolve("@tensorflow/tfjs-backend-wasm"));
  wasm.setWasmPaths(`${dist}/`);
  wasm.setThreadsCount(threads);
  await tf.setBackend("wasm");
  if (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) return;
  throw new Error("TF.js runs without SIMD");
}

/**
 * SIMD, fused operators through the public API. Feature maps have their channels last here, so arrays are turned
 * before and after what is timed.
 */
export async function load(folder, { threads }) {
  await startBackend(threads);
  const graph = readGraph(path.join(folder, "graph"));
  const [constants, held] = [new Constants(), holdConstants(graph)];
  const run = (feeds) => {
    const results = tf.tidy(() => evaluate(graph, held, constants, feeds));
    const arrays = results.map((tensor) => tensor.dataSync());
    tf.dispose(results);
    return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, arrays[i]]));
  };
  return {
    run,
    sync: true,
    reason: await reasonAgainst(threads),
    arrange: (feeds) => turnArrays(feeds, graph, graph.inputs, true),
    restore: (outputs) => turnArrays(outputs, graph, graph.outputs, false),
  };
}
