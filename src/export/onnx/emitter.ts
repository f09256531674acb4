import { InternalError } from "../../diagnostics/report.js";
import type { Value } from "../../ir/graph.js";
import {
  type AttributeProto,
  attributeTypes,
  dataTypes,
  type NodeProto,
  type TensorProto,
} from "../../onnx/proto.js";

/** What an ONNX attribute may be here: ints and int lists are told from floats by `int` and `ints`. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string };

const attributeProto = (name: string, value: Attribute): AttributeProto => {
  if ("int" in value) return { name, type: attributeTypes.int, i: value.int };
  if ("ints" in value) return { name, type: attributeTypes.ints, ints: value.ints };
  if ("float" in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.string, s: new TextEncoder().encode(value.string) };
};

/** Collects ONNX nodes and initializers while a graph is walked; every name it gives is unique. */
export class OnnxEmitter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #names = new Map<Value, string>();
  readonly #taken = new Set<string>();

  /** A name that nothing else has: `base`, or `base_2` and so on. */
  uniqueName(base: string): string {
    let name = base;
    for (let n = 2; this.#taken.has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }

  bind(value: Value, name: string): void {
    this.#names.set(value, name);
  }

  nameOf(value: Value): string {
    const name = this.#names.get(value);
    if (name === undefined)
      throw new InternalError(`${value.node.op} is read before it is written`);
    return name;
  }

  /** Adds a node with `outputs` results and returns their names. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    label = "",
    outputs = 1,
  ): string[] {
    const base = label === "" ? opType : `${label}/${opType}`;
    const name = this.uniqueName(base);
    const output = Array.from({ length: outputs }, (_, i) =>
      this.uniqueName(outputs === 1 ? `${name}:0` : `${name}:${i}`),
    );
    const attribute = Object.entries(attributes).map(([key, value]) => attributeProto(key, value));
    this.nodes.push({ opType, name, input: inputs, output, attribute });
    return output;
  }

  /** `node` for operators with one result. */
  one(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    label = "",
  ): string {
    return this.node(opType, inputs, attributes, label)[0]!;
  }

  /** A float32 tensor stored with the model. */
  floats(base: string, shape: readonly number[], data: Float32Array): string {
    const name = this.uniqueName(base);
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dims: shape, dataType: dataTypes.float32, rawData });
    return name;
  }

  /** A one-element float32 tensor of rank 0. */
  scalar(base: string, value: number): string {
    return this.floats(base, [], Float32Array.of(value));
  }

  /** A list of int64: shapes, axes, sizes. */
  int64s(base: string, values: readonly number[]): string {
    const name = this.uniqueName(base);
    const data = BigInt64Array.from(values, BigInt);
    const rawData = new Uint8Array(data.buffer);
    this.initializers.push({ name, dims: [values.length], dataType: dataTypes.int64, rawData });
    return name;
  }
}
