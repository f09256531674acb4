/** Element types of tensors on disk and in options. bfloat16 is decoded to float32 when read. */
export type DataType =
  | "float32"
  | "float64"
  | "float16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool";

/** What holds a tensor's elements: `float16` as bits in a Uint16Array, `bool` as 0 and 1 in a Uint8Array. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor as it stands in a file or an option; elements in row-major order. */
export interface Tensor {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A tensor that is decoded when it is asked for. */
export interface StoredTensor {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  read(): Tensor;
}

/** Tensors by path; a Map, so that no name is special. */
export type TensorStore = ReadonlyMap<string, StoredTensor>;

/** Bytes of one element. */
export const elementBytes: Readonly<Record<DataType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
};

/** A store over tensors that are in memory already. */
export function storeOf(tensors: Readonly<Record<string, Tensor>>): TensorStore {
  const entries = Object.entries(tensors).map(([path, tensor]): [string, StoredTensor] => [
    path,
    { dtype: tensor.dtype, shape: tensor.shape, read: () => tensor },
  ]);
  return new Map(entries);
}

/** `[64,3,7,7]`, as printed in messages. */
export const printShape = (shape: readonly number[]): string => `[${shape.join(",")}]`;

/**
 * Little-endian bytes as elements. A view of the bytes where their address allows it, else a copy;
 * the caller has checked that `bytes` holds `count` elements.
 */
export function viewData(dtype: DataType, bytes: Uint8Array, count: number): TensorData {
  const aligned = bytes.byteOffset % elementBytes[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const place = [aligned.buffer, aligned.byteOffset, count] as const;
  switch (dtype) {
    case "float32":
      return new Float32Array(...place);
    case "float64":
      return new Float64Array(...place);
    case "int8":
      return new Int8Array(...place);
    case "int16":
      return new Int16Array(...place);
    case "int32":
      return new Int32Array(...place);
    case "int64":
      return new BigInt64Array(...place);
    case "uint32":
      return new Uint32Array(...place);
    case "uint64":
      return new BigUint64Array(...place);
    case "float16":
    case "uint16":
      return new Uint16Array(...place);
    case "uint8":
    case "bool":
      return new Uint8Array(...place);
  }
}

/** The number that 16 bits of IEEE half precision stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/**
 * A tensor's numbers as float32, each rounded once. Returns the tensor's own data when it is float32
 * already: it must not be written.
 */
export function toFloat32(tensor: Tensor): Float32Array {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array) return data;
  const numbers = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const element = Number(data[at]!);
    numbers[at] = dtype === "float16" ? halfToNumber(element) : element;
  }
  return dtype === "bool" ? numbers.map((x) => (x === 0 ? 0 : 1)) : numbers;
}
