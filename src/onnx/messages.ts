/** A tensor as it stands in a model: numbers in one of several fields, or in another file. */
export interface TensorMessage {
  name: string;
  readonly dims: number[];
  /** `TensorProto.DataType`. */
  dataType: number;
  /** Little-endian elements. */
  raw: Uint8Array | undefined;
  /** Parts of `float_data` and `double_data`, little-endian. */
  readonly floats: Uint8Array[];
  readonly doubles: Uint8Array[];
  readonly int32s: number[];
  readonly int64s: number[];
  readonly uint64s: number[];
  /** Where the elements lie in another file: `location`, `offset`, `length`. */
  readonly external: Map<string, string>;
  isExternal: boolean;
}

export interface AttributeMessage {
  name: string;
  /** `AttributeProto.AttributeType`; 0 in the oldest models. */
  type: number;
  float: number | undefined;
  int: number | undefined;
  bytes: Uint8Array | undefined;
  tensor: TensorMessage | undefined;
  readonly floats: number[];
  readonly ints: number[];
  /** The attribute of an enclosing function whose value this is; empty outside of functions. */
  reference: string;
}

export interface NodeMessage {
  name: string;
  opType: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: AttributeMessage[];
}

export interface ValueInfoMessage {
  name: string;
  isTensor: boolean;
  elementType: number;
  /** Undefined where the model does not tell. A dimension has a size, or a name, or neither. */
  shape: { size: number | undefined; name: string }[] | undefined;
}

export interface GraphMessage {
  name: string;
  /** The first nodes, as many as a model may have. */
  readonly nodes: NodeMessage[];
  /** How many nodes there are. */
  nodeCount: number;
  readonly initializers: TensorMessage[];
  readonly inputs: ValueInfoMessage[];
  readonly outputs: ValueInfoMessage[];
  /** Whether there are sparse initializers, which are not read. */
  hasSparse: boolean;
}

export interface ModelMessage {
  readonly opsets: { domain: string; version: number }[];
  graph: GraphMessage | undefined;
}
