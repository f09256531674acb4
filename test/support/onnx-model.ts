import {
  type AttributeProto,
  attributeTypes,
  dataTypes,
  encodeModel,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "../../src/onnx/proto.js";

/** What an attribute is made from: whole numbers are ints. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | TensorProto
  | { readonly float: number }
  | { readonly floats: readonly number[] };

function attributeOf(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "number") return { name, type: attributeTypes.int, i: value };
  if (typeof value === "string") {
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  }
  if ("float" in value) return { name, type: attributeTypes.float, f: value.float };
  if ("floats" in value) return { name, type: attributeTypes.floats, floats: value.floats };
  if ("dims" in value) return { name, type: attributeTypes.tensor, t: value };
  return { name, type: attributeTypes.ints, ints: value };
}

/** A node; its name is that of its first output. */
export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto => ({
  opType,
  name: `${output[0]}_${opType}`,
  input,
  output,
  attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
});

/** A float32 tensor in raw form. */
export const floats = (
  name: string,
  dims: readonly number[],
  numbers: Iterable<number>,
): TensorProto => {
  const data = Float32Array.from(numbers);
  return { name, dims, dataType: dataTypes.float32, rawData: new Uint8Array(data.buffer) };
};

/** A list of int64, or one of rank 0 from a number. */
export const ints = (name: string, numbers: readonly number[] | number): TensorProto => ({
  name,
  dims: typeof numbers === "number" ? [] : [numbers.length],
  dataType: dataTypes.int64,
  int64Data: typeof numbers === "number" ? [numbers] : numbers,
});

/** A named tensor type; text stands for an open dimension. */
export const valueInfo = (
  name: string,
  shape: readonly (number | string)[],
  elemType: number = dataTypes.float32,
): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: {
        dim: shape.map((size) =>
          typeof size === "number" ? { dimValue: size } : { dimParam: size },
        ),
      },
    },
  },
});

export interface ModelParts {
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly string[];
  readonly initializers?: readonly TensorProto[];
  readonly opset?: number;
}

/** The bytes of a model. Shapes of outputs are left out. */
export const onnxModel = ({
  nodes,
  inputs,
  outputs,
  initializers = [],
  opset = 17,
}: ModelParts): Uint8Array =>
  encodeModel({
    irVersion: 8,
    producerName: "test",
    producerVersion: "1",
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: "net",
      node: nodes,
      initializer: initializers,
      input: inputs,
      output: outputs.map((name) => valueInfo(name, [])),
    },
  });
