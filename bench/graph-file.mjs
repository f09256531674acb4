// The optimised graph as data that another process can read: TF.js is built from the same nodes that are compiled.
// Constants lie in TF.js's orders, as a model that was made for it has them.
import { readFileSync, writeFileSync } from "node:fs";

/** The axes of a constant in the order in which TF.js wants them where a node reads it. */
function orderFor({ op, attrs, operands }, name, { length: rank }) {
  if (name === "weight" && op === "linear") return [1, 0];
  if (name === "weight" && op === "deconv2d") return [2, 3, 1, 0];
  if (name === "weight" && op === "conv2d") {
    const inputs = operands.input.node.results[operands.input.index].type.shape[1];
    return attrs.groups > 1 && attrs.groups === inputs ? [2, 3, 0, 1] : [2, 3, 1, 0];
  }
  return rank === 4 ? [0, 2, 3, 1] : Array.from({ length: rank }, (_, axis) => axis);
}

/** A tensor with its axes in another order. */
function transpose(data, shape, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const turned = new Float32Array(data.length);
  let at = 0;
  const walk = (depth, from) => {
    if (depth === order.length) {
      turned[at++] = data[from];
      return;
    }
    const axis = order[depth];
    for (let i = 0; i < shape[axis]; i++) walk(depth + 1, from + i * strides[axis]);
  };
  walk(0, 0);
  return turned;
}

/** Constants one behind the other; one that is read twice in the same order is there once. */
class ConstantBlocks {
  #known = new Map();
  #blocks = [];
  #size = 0;

  /** Where a constant is and its shape, for the operand `name` of a node. */
  place(reader, name, { node }) {
    const { shape, data } = node.attrs;
    const order = orderFor(reader, name, shape);
    const key = order.join();
    const forms = this.#known.get(node) ?? new Map();
    this.#known.set(node, forms);
    if (!forms.has(key)) {
      forms.set(key, { shape: order.map((axis) => shape[axis]), offset: this.#size });
      this.#blocks.push(transpose(data, shape, order));
      this.#size += data.length;
    }
    return forms.get(key);
  }

  join() {
    const data = new Float32Array(this.#size);
    let at = 0;
    for (const block of this.#blocks) {
      data.set(block, at);
      at += block.length;
    }
    return data;
  }
}

/**
 * Writes `FILE.json` and `FILE.bin`. An operand is `{ node, index }` or, of a constant, `{ shape, offset }`: where
 * it begins in the second file.
 */
export function writeGraph(graph, file) {
  const computed = graph.nodes.filter(({ op }) => op !== "constant");
  const ids = new Map(computed.map((node, id) => [node, id]));
  const blocks = new ConstantBlocks();
  const reference = (reader, name, value) =>
    value.node.op === "constant"
      ? blocks.place(reader, name, value)
      : { node: ids.get(value.node), index: value.index };
  const nodes = computed.map((node) => {
    const operands = Object.entries(node.operands)
      .filter(([, operand]) => operand !== undefined)
      .map(([name, operand]) => [
        name,
        Array.isArray(operand)
          ? operand.map((value) => reference(node, name, value))
          : reference(node, name, operand),
      ]);
    const shapes = node.results.map((value) => value.type.shape);
    return { op: node.op, attrs: node.attrs, operands: Object.fromEntries(operands), shapes };
  });
  const named = (list) =>
    list.map(({ name, value }) => ({ name, node: ids.get(value.node), index: value.index }));
  const text = { nodes, inputs: named(graph.inputs), outputs: named(graph.outputs) };
  writeFileSync(`${file}.json`, JSON.stringify(text));
  writeFileSync(`${file}.bin`, blocks.join());
}

/** What `writeGraph` wrote, with the constants as `data`. */
export function readGraph(file) {
  const { buffer, byteOffset, length } = readFileSync(`${file}.bin`);
  const data = new Float32Array(buffer.slice(byteOffset, byteOffset + length));
  return { ...JSON.parse(readFileSync(`${file}.json`, "utf8")), data };
}
