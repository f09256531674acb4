import protobuf from "protobufjs/light.js";
import type {
  AttributeMessage,
  GraphMessage,
  ModelMessage,
  NodeMessage,
  TensorMessage,
  ValueInfoMessage,
} from "./messages.js";

type Reader = protobuf.Reader;

/** Reads the value of one field into a message; `wire` is how it is encoded. */
type Field<T> = (into: T, reader: Reader, wire: number) => void;
type Fields<T> = Readonly<Record<number, Field<T>>>;

const varint = 0;
const fixed64 = 1;
const bytesOf = 2;
const fixed32 = 5;

function expectWire(wire: number, wanted: number): void {
  if (wire !== wanted) throw new RangeError(`a field has the wire type ${wire}, not ${wanted}`);
}

/** Reads the fields of a message until the reader's end. Unknown fields are left out. */
function readFields<T>(bytes: Uint8Array, fields: Fields<T>, into: T): T {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = fields[tag >>> 3];
    if (field) field(into, reader, tag & 7);
    else reader.skipType(tag & 7);
  }
  return into;
}

const bytesField = (reader: Reader, wire: number): Uint8Array => {
  expectWire(wire, bytesOf);
  return reader.bytes();
};

const textField = (reader: Reader, wire: number): string => {
  expectWire(wire, bytesOf);
  return reader.string();
};

/** The number nearest to a 64-bit integer in two halves. */
const nearest = ({ high, low, unsigned }: ReturnType<Reader["int64"]>): number =>
  (unsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0);

/** A 64-bit integer as the nearest number: sizes and axes are small, and ends such as 2⁶³ − 1 only have to be large. */
const intField = (reader: Reader, wire: number): number => {
  expectWire(wire, varint);
  return nearest(reader.int64());
};

const floatField = (reader: Reader, wire: number): number => {
  expectWire(wire, fixed32);
  return reader.float();
};

/** A repeated scalar: one element, or a packed run of them. */
function repeated(
  into: number[],
  reader: Reader,
  wire: number,
  one: number,
  read: (reader: Reader) => number,
): void {
  if (wire === one) {
    into.push(read(reader));
    return;
  }
  const packed = protobuf.Reader.create(bytesField(reader, wire));
  while (packed.pos < packed.len) into.push(read(packed));
}

const readInt = (reader: Reader): number => nearest(reader.int64());

/** The bytes of repeated numbers of a fixed width, packed or one by one: as raw data has them. */
function fixedBytes(into: Uint8Array[], reader: Reader, wire: number, one: number): void {
  if (wire === bytesOf) {
    into.push(reader.bytes());
    return;
  }
  expectWire(wire, one);
  const width = one === fixed32 ? 4 : 8;
  const start = reader.pos;
  reader.skip(width);
  into.push(reader.raw(start, start + width));
}

const entry = { key: "", value: "" };
const entryFields: Fields<{ key: string; value: string }> = {
  1: (into, reader, wire) => {
    into.key = textField(reader, wire);
  },
  2: (into, reader, wire) => {
    into.value = textField(reader, wire);
  },
};

const tensorFields: Fields<TensorMessage> = {
  1: (into, reader, wire) => repeated(into.dims, reader, wire, varint, readInt),
  2: (into, reader, wire) => {
    into.dataType = intField(reader, wire);
  },
  4: (into, reader, wire) => fixedBytes(into.floats, reader, wire, fixed32),
  5: (into, reader, wire) => repeated(into.int32s, reader, wire, varint, (r) => r.int32()),
  7: (into, reader, wire) => repeated(into.int64s, reader, wire, varint, readInt),
  8: (into, reader, wire) => {
    into.name = textField(reader, wire);
  },
  9: (into, reader, wire) => {
    into.raw = bytesField(reader, wire);
  },
  10: (into, reader, wire) => fixedBytes(into.doubles, reader, wire, fixed64),
  11: (into, reader, wire) =>
    repeated(into.uint64s, reader, wire, varint, (r) => nearest(r.uint64())),
  13: (into, reader, wire) => {
    const { key, value } = readFields(bytesField(reader, wire), entryFields, { ...entry });
    into.external.set(key, value);
  },
  14: (into, reader, wire) => {
    into.isExternal = intField(reader, wire) === 1;
  },
};

const readTensor = (bytes: Uint8Array): TensorMessage =>
  readFields(bytes, tensorFields, {
    name: "",
    dims: [],
    dataType: 0,
    raw: undefined,
    floats: [],
    doubles: [],
    int32s: [],
    int64s: [],
    uint64s: [],
    external: new Map(),
    isExternal: false,
  });

const attributeFields: Fields<AttributeMessage> = {
  1: (into, reader, wire) => {
    into.name = textField(reader, wire);
  },
  2: (into, reader, wire) => {
    into.float = floatField(reader, wire);
  },
  3: (into, reader, wire) => {
    into.int = intField(reader, wire);
  },
  4: (into, reader, wire) => {
    into.bytes = bytesField(reader, wire);
  },
  5: (into, reader, wire) => {
    into.tensor = readTensor(bytesField(reader, wire));
  },
  7: (into, reader, wire) => repeated(into.floats, reader, wire, fixed32, (r) => r.float()),
  8: (into, reader, wire) => repeated(into.ints, reader, wire, varint, readInt),
  20: (into, reader, wire) => {
    into.type = intField(reader, wire);
  },
  21: (into, reader, wire) => {
    into.reference = textField(reader, wire);
  },
};

const readAttribute = (bytes: Uint8Array): AttributeMessage =>
  readFields(bytes, attributeFields, {
    name: "",
    type: 0,
    float: undefined,
    int: undefined,
    bytes: undefined,
    tensor: undefined,
    floats: [],
    ints: [],
    reference: "",
  });

const nodeFields: Fields<NodeMessage> = {
  1: (into, reader, wire) => {
    into.inputs.push(textField(reader, wire));
  },
  2: (into, reader, wire) => {
    into.outputs.push(textField(reader, wire));
  },
  3: (into, reader, wire) => {
    into.name = textField(reader, wire);
  },
  4: (into, reader, wire) => {
    into.opType = textField(reader, wire);
  },
  5: (into, reader, wire) => {
    into.attributes.push(readAttribute(bytesField(reader, wire)));
  },
  7: (into, reader, wire) => {
    into.domain = textField(reader, wire);
  },
};

const readNode = (bytes: Uint8Array): NodeMessage =>
  readFields(bytes, nodeFields, {
    name: "",
    opType: "",
    domain: "",
    inputs: [],
    outputs: [],
    attributes: [],
  });

const dimensionFields: Fields<{ size: number | undefined; name: string }> = {
  1: (into, reader, wire) => {
    into.size = intField(reader, wire);
  },
  2: (into, reader, wire) => {
    into.name = textField(reader, wire);
  },
};

const shapeFields: Fields<NonNullable<ValueInfoMessage["shape"]>> = {
  1: (into, reader, wire) => {
    const dimension = { size: undefined, name: "" };
    into.push(readFields(bytesField(reader, wire), dimensionFields, dimension));
  },
};

const tensorTypeFields: Fields<ValueInfoMessage> = {
  1: (into, reader, wire) => {
    into.elementType = intField(reader, wire);
  },
  2: (into, reader, wire) => {
    into.shape = readFields(bytesField(reader, wire), shapeFields, []);
  },
};

const typeFields: Fields<ValueInfoMessage> = {
  1: (into, reader, wire) => {
    into.isTensor = true;
    readFields(bytesField(reader, wire), tensorTypeFields, into);
  },
};

const valueInfoFields: Fields<ValueInfoMessage> = {
  1: (into, reader, wire) => {
    into.name = textField(reader, wire);
  },
  2: (into, reader, wire) => {
    readFields(bytesField(reader, wire), typeFields, into);
  },
};

const readValueInfo = (bytes: Uint8Array): ValueInfoMessage =>
  readFields(bytes, valueInfoFields, {
    name: "",
    isTensor: false,
    elementType: 0,
    shape: undefined,
  });

/** The most nodes of a model, as many as the language allows; others are counted and not decoded. */
export const maxNodes = 100_000;

const graphFields: Fields<GraphMessage> = {
  1: (into, reader, wire) => {
    const bytes = bytesField(reader, wire);
    if (into.nodeCount++ < maxNodes) into.nodes.push(readNode(bytes));
  },
  2: (into, reader, wire) => {
    into.name = textField(reader, wire);
  },
  5: (into, reader, wire) => {
    into.initializers.push(readTensor(bytesField(reader, wire)));
  },
  11: (into, reader, wire) => {
    into.inputs.push(readValueInfo(bytesField(reader, wire)));
  },
  12: (into, reader, wire) => {
    into.outputs.push(readValueInfo(bytesField(reader, wire)));
  },
  15: (into, reader, wire) => {
    bytesField(reader, wire);
    into.hasSparse = true;
  },
};

const opsetFields: Fields<{ domain: string; version: number }> = {
  1: (into, reader, wire) => {
    into.domain = textField(reader, wire);
  },
  2: (into, reader, wire) => {
    into.version = intField(reader, wire);
  },
};

const modelFields: Fields<ModelMessage> = {
  7: (into, reader, wire) => {
    const graph: GraphMessage = into.graph ?? {
      name: "",
      nodes: [],
      nodeCount: 0,
      initializers: [],
      inputs: [],
      outputs: [],
      hasSparse: false,
    };
    into.graph = readFields(bytesField(reader, wire), graphFields, graph);
  },
  8: (into, reader, wire) => {
    const opset = { domain: "", version: 1 };
    into.opsets.push(readFields(bytesField(reader, wire), opsetFields, opset));
  },
};

/**
 * The bytes of an `.onnx` file as messages. Tensors are views of the bytes. Subgraphs and whatever else
 * has no place in a network without control flow are not looked at. Throws an Error when the bytes are no messages.
 */
export const decodeModel = (bytes: Uint8Array): ModelMessage =>
  readFields(bytes, modelFields, { opsets: [], graph: undefined });
