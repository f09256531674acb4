// The optimised graph as data that another process can read: TF.js is built from the same nodes that are compiled.
import { readFileSync, writeFileSync } from "node:fs";

/** Writes `FILE.json` and `FILE.bin`; constants lie in the second at the offsets that the first names. */
export function writeGraph(graph, file) {
  const ids = new Map(graph.nodes.map((node, i) => [node, i]));
  const reference = (value) => [ids.get(value.node), value.index];
  const blocks = [];
  let offset = 0;
  const nodes = graph.nodes.map((node) => {
    const operands = Object.fromEntries(
      Object.entries(node.operands)
        .filter(([, operand]) => operand !== undefined)
        .map(([name, operand]) => [
          name,
          Array.isArray(operand) ? operand.map(reference) : reference(operand),
        ]),
    );
    let attrs = node.attrs;
    if (node.op === "constant") {
      attrs = { shape: attrs.shape, offset };
      blocks.push(node.attrs.data);
      offset += node.attrs.data.length;
    }
    return { op: node.op, attrs, operands, shapes: node.results.map((value) => value.type.shape) };
  });
  const named = (list) => list.map(({ name, value }) => ({ name, value: reference(value) }));
  const data = new Float32Array(offset);
  let at = 0;
  for (const block of blocks) {
    data.set(block, at);
    at += block.length;
  }
  writeFileSync(`${file}.bin`, data);
  const text = { nodes, inputs: named(graph.inputs), outputs: named(graph.outputs) };
  writeFileSync(`${file}.json`, JSON.stringify(text));
}

export function readGraph(file) {
  const graph = JSON.parse(readFileSync(`${file}.json`, "utf8"));
  const bytes = Uint8Array.from(readFileSync(`${file}.bin`));
  return { ...graph, data: new Float32Array(bytes.buffer) };
}
