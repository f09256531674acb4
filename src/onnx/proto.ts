import protobuf from "protobufjs/light.js";

/** The element types of ONNX tensors that are written or read, by their number in `TensorProto.DataType`. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;

/** `AttributeProto.AttributeType`. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
} as const;

export interface TensorProto {
  readonly name?: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian elements. */
  readonly rawData?: Uint8Array;
  readonly floatData?: readonly number[];
  readonly doubleData?: readonly number[];
  /** Elements of at most 32 bits; IEEE halves as their bits. */
  readonly int32Data?: readonly number[];
  readonly int64Data?: readonly number[];
  readonly uint64Data?: readonly number[];
  /** Where the elements lie in another file; `dataLocation` is 1 then. */
  readonly externalData?: readonly { readonly key: string; readonly value: string }[];
  readonly dataLocation?: number;
}

export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
}

export interface NodeProto {
  readonly opType: string;
  readonly domain?: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: {
        readonly dim: readonly { readonly dimValue?: number; readonly dimParam?: string }[];
      };
    };
  };
}

export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly graph: GraphProto;
  readonly metadataProps?: readonly { readonly key: string; readonly value: string }[];
}

const field = (type: string, id: number): protobuf.IField => ({ type, id });
const list = (type: string, id: number): protobuf.IField => ({ rule: "repeated", type, id });

/** The messages of the public ONNX schema (proto2 numbering) that models without training information use. */
const schema: protobuf.INamespace = {
  nested: {
    StringStringEntryProto: { fields: { key: field("string", 1), value: field("string", 2) } },
    OperatorSetIdProto: { fields: { domain: field("string", 1), version: field("int64", 2) } },
    TensorProto: {
      fields: {
        dims: list("int64", 1),
        dataType: field("int32", 2),
        floatData: { ...list("float", 4), options: { packed: true } },
        int32Data: { ...list("int32", 5), options: { packed: true } },
        stringData: list("bytes", 6),
        int64Data: { ...list("int64", 7), options: { packed: true } },
        name: field("string", 8),
        rawData: field("bytes", 9),
        doubleData: { ...list("double", 10), options: { packed: true } },
        uint64Data: { ...list("uint64", 11), options: { packed: true } },
        docString: field("string", 12),
        externalData: list("StringStringEntryProto", 13),
        dataLocation: field("int32", 14),
      },
    },
    Dimension: {
      fields: { dimValue: field("int64", 1), dimParam: field("string", 2) },
      oneofs: { value: { oneof: ["dimValue", "dimParam"] } },
    },
    TensorShapeProto: { fields: { dim: list("Dimension", 1) } },
    TensorTypeProto: {
      fields: { elemType: field("int32", 1), shape: field("TensorShapeProto", 2) },
    },
    TypeProto: { fields: { tensorType: field("TensorTypeProto", 1) } },
    ValueInfoProto: {
      fields: {
        name: field("string", 1),
        type: field("TypeProto", 2),
        docString: field("string", 3),
      },
    },
    AttributeProto: {
      fields: {
        name: field("string", 1),
        f: field("float", 2),
        i: field("int64", 3),
        s: field("bytes", 4),
        t: field("TensorProto", 5),
        g: field("GraphProto", 6),
        floats: list("float", 7),
        ints: list("int64", 8),
        strings: list("bytes", 9),
        docString: field("string", 13),
        type: field("int32", 20),
        refAttrName: field("string", 21),
      },
    },
    NodeProto: {
      fields: {
        input: list("string", 1),
        output: list("string", 2),
        name: field("string", 3),
        opType: field("string", 4),
        attribute: list("AttributeProto", 5),
        docString: field("string", 6),
        domain: field("string", 7),
      },
    },
    GraphProto: {
      fields: {
        node: list("NodeProto", 1),
        name: field("string", 2),
        initializer: list("TensorProto", 5),
        docString: field("string", 10),
        input: list("ValueInfoProto", 11),
        output: list("ValueInfoProto", 12),
        valueInfo: list("ValueInfoProto", 13),
      },
    },
    ModelProto: {
      fields: {
        irVersion: field("int64", 1),
        producerName: field("string", 2),
        producerVersion: field("string", 3),
        domain: field("string", 4),
        modelVersion: field("int64", 5),
        docString: field("string", 6),
        graph: field("GraphProto", 7),
        opsetImport: list("OperatorSetIdProto", 8),
        metadataProps: list("StringStringEntryProto", 14),
      },
    },
  },
};

let root: protobuf.Root | undefined;

/** The protobuf type of a whole model, built on first use. */
export function modelType(): protobuf.Type {
  root ??= protobuf.Root.fromJSON(schema);
  return root.lookupType("ModelProto");
}

/** A model as the bytes of an `.onnx` file. */
export const encodeModel = (model: ModelProto): Uint8Array =>
  modelType().encode(modelType().create(model)).finish();
