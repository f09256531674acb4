import { createRequire } from "node:module";
import path from "node:path";
import * as wasm from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { readGraph } from "../graph-file.mjs";
import { operators, turnShape } from "./tfjs-operators.mjs";

/** Reads operands: tensors that were computed, and those of constants, made once. */
class Reader {
  #constants = new Map();
  constructor(data) {
    this.data = data;
  }

  #constant({ shape, offset }) {
    if (!this.#constants.has(offset)) {
      const size = shape.reduce((a, b) => a * b, 1);
      const tensor = tf.tensor(this.data.subarray(offset, offset + size), shape);
      this.#constants.set(offset, tf.keep(tensor));
    }
    return this.#constants.get(offset);
  }

  #read(operand, values) {
    if (Array.isArray(operand)) return operand.map((item) => this.#read(item, values));
    return operand.offset === undefined ? values[operand.node] : this.#constant(operand);
  }

  /** The operands of a node by name. */
  operands(node, values) {
    const all = Object.entries(node.operands);
    return Object.fromEntries(all.map(([name, operand]) => [name, this.#read(operand, values)]));
  }
}

/** The tensors that a graph puts out, from arrays by input. */
function evaluate(graph, reader, feeds) {
  const values = [];
  for (const node of graph.nodes) {
    const [shape] = node.shapes;
    if (node.op === "input") {
      values.push(tf.tensor(feeds[node.attrs.name], shape.length === 4 ? turnShape(shape) : shape));
    } else {
      const operator = operators[node.op];
      if (!operator) throw new Error(`no TF.js form of ${node.op}`);
      values.push(operator(reader.operands(node, values), node.attrs, node.shapes));
    }
  }
  return graph.outputs.map(({ node }) => values[node]);
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
  const one = ({ name, node, index }) => {
    const shape = nodes[node].shapes[index];
    return [name, shape.length === 4 ? turnArray(arrays[name], shape, last) : arrays[name]];
  };
  return Object.fromEntries(tensors.map(one));
}

/** Why TF.js does not run on so many threads here: it has none in Node. */
const reasonAgainst = async (threads) =>
  threads === 1 || (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT"))
    ? undefined
    : "one thread in Node, whatever is asked for";

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
  const reader = new Reader(graph.data);
  const run = (feeds) => {
    const results = tf.tidy(() => evaluate(graph, reader, feeds));
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
