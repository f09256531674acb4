import type { Graph, Node } from "../../ir/graph.js";
import type { TensorType } from "../../ir/types.js";
import { dataTypes, encodeModel, type ValueInfoProto } from "../../onnx/proto.js";
import { OnnxEmitter } from "./emitter.js";
import { writers } from "./operators.js";

/** The operator set that is written, and the lowest file version that allows it. */
const opset = 17;
const irVersion = 8;

const valueInfo = (name: string, type: TensorType): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: type.element === "f32" ? dataTypes.float32 : dataTypes.uint8,
      shape: { dim: type.shape.map((dimValue) => ({ dimValue })) },
    },
  },
});

/** Writes one node whose operands are bound, and binds its results. */
export function writeNode(out: OnnxEmitter, node: Node): void {
  const write = writers[node.op] as (out: OnnxEmitter, node: Node) => string | readonly string[];
  const names = write(out, node);
  node.results.forEach((value, index) => {
    out.bind(value, typeof names === "string" ? names : names[index]!);
  });
}

/**
 * A graph with bound weights as an ONNX model (opset 17). Inputs and outputs keep their names; weights
 * are stored inside under their parameter paths. Names follow the graph's, made unique where they clash.
 */
export function writeOnnx(graph: Graph): Uint8Array {
  const out = new OnnxEmitter();
  for (const { name, value } of graph.inputs) out.bind(value, out.uniqueName(name));
  // Outputs are named by identities at the end, so their names are taken before any node's.
  const outputs = graph.outputs.map(({ name }) => out.uniqueName(name));
  for (const node of graph.nodes) writeNode(out, node);
  graph.outputs.forEach(({ value }, i) => {
    const input = [out.nameOf(value)];
    const name = out.uniqueName(`${outputs[i]!}/Identity`);
    out.nodes.push({ opType: "Identity", name, input, output: [outputs[i]!], attribute: [] });
  });
  return encodeModel({
    irVersion,
    producerName: "cnnc",
    producerVersion: "0.1.0",
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: graph.name,
      node: out.nodes,
      initializer: out.initializers,
      input: graph.inputs.map(({ name, value }) => valueInfo(name, value.type)),
      output: graph.outputs.map(({ value }, i) => valueInfo(outputs[i]!, value.type)),
    },
  });
}
