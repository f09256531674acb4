import type { TensorMessage } from "../../onnx/messages.js";
import { dataTypes } from "../../onnx/proto.js";
import {
  type DataType,
  elementBytes,
  type StoredTensor,
  type Tensor,
  viewData,
} from "../../weights/store.js";

/** The most elements that a tensor of a model may have. */
const maxElements = 2 ** 31;

/** Why a tensor cannot be read. */
export class TensorProblem extends Error {
  override readonly name = "TensorProblem";
}

const bfloat16 = 16;

const typeNames: ReadonlyMap<number, DataType> = new Map([
  ...Object.entries(dataTypes).map(([name, id]): [number, DataType] => [id, name as DataType]),
  [bfloat16, "float32"],
]);

const otherTypes: Readonly<Record<number, string>> = {
  8: "string",
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
  24: "float8e8m0",
  25: "uint2",
  26: "int2",
};

/** The element type of a number of `TensorProto.DataType`; undefined for those that are not read. */
export const elementTypeOf = (id: number): DataType | undefined => typeNames.get(id);

/** The name of a number of `TensorProto.DataType`, for messages. */
export const printElementType = (id: number): string =>
  typeNames.get(id) ?? otherTypes[id] ?? `type ${id}`;

/** Elements of a shape; throws a TensorProblem when it is none or is too large. */
export function countOf(dims: readonly number[]): number {
  const wrong = dims.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined) throw new TensorProblem(`a dimension is ${wrong}`);
  const count = dims.reduce((product, size) => product * size, 1);
  if (count > maxElements) {
    throw new TensorProblem(`[${dims}] has more than ${maxElements} elements`);
  }
  return count;
}

/** The part of another file that holds a tensor's elements. */
export type ReadExternal = (location: string) => Uint8Array;

/** A decimal number of the external data, or `otherwise` when it is not told. */
function placeOf({ external }: TensorMessage, key: string, otherwise: number): number {
  const text = external.get(key);
  if (text === undefined) return otherwise;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new TensorProblem(`its ${key} in the other file is ${JSON.stringify(text)}`);
}

function externalBytes(message: TensorMessage, bytes: number, read: ReadExternal): Uint8Array {
  const location = message.external.get("location");
  if (!location) throw new TensorProblem("its data lie in another file that is not named");
  const file = read(location);
  const offset = placeOf(message, "offset", 0);
  const length = placeOf(message, "length", bytes);
  if (length !== bytes) throw new TensorProblem(`it takes ${bytes} bytes, but has ${length}`);
  if (offset + length > file.length) {
    const end = `${location} has ${file.length} bytes`;
    throw new TensorProblem(`its data end at byte ${offset + length}, but ${end}`);
  }
  return file.subarray(offset, offset + length);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** bfloat16 is the upper half of a float32. */
function widen(halves: Uint16Array): Float32Array {
  const numbers = new Float32Array(halves.length);
  const bits = new Uint32Array(numbers.buffer);
  halves.forEach((half, at) => {
    bits[at] = half << 16;
  });
  return numbers;
}

/** A tensor's elements from bytes that hold them all. */
function fromBytes(message: TensorMessage, dtype: DataType, bytes: Uint8Array): Tensor["data"] {
  const count = countOf(message.dims);
  const isWide = message.dataType === bfloat16;
  const wanted = count * (isWide ? 2 : elementBytes[dtype]);
  if (bytes.length !== wanted) {
    throw new TensorProblem(
      `${printElementType(message.dataType)} [${message.dims}] takes ${wanted} bytes, but it has ${bytes.length}`,
    );
  }
  const data = viewData(isWide ? "uint16" : dtype, bytes, count);
  return isWide && data instanceof Uint16Array ? widen(data) : data;
}

/** The typed field that holds a tensor's elements, for types that are written as integers. */
function listedIntegers(message: TensorMessage, dtype: DataType): readonly number[] {
  if (dtype === "int64") return message.int64s;
  return dtype === "uint32" || dtype === "uint64" ? message.uint64s : message.int32s;
}

function fromIntegers(message: TensorMessage, dtype: DataType): Tensor["data"] {
  const listed = listedIntegers(message, dtype);
  const count = countOf(message.dims);
  if (listed.length !== count) {
    throw new TensorProblem(
      `[${message.dims}] is ${count} elements, but ${listed.length} are there`,
    );
  }
  if (message.dataType === bfloat16) return widen(Uint16Array.from(listed));
  switch (dtype) {
    case "int64":
      return BigInt64Array.from(listed, BigInt);
    case "uint64":
      return BigUint64Array.from(listed, BigInt);
    case "uint32":
      return Uint32Array.from(listed);
    case "int32":
      return Int32Array.from(listed);
    case "int16":
      return Int16Array.from(listed);
    case "int8":
      return Int8Array.from(listed);
    case "uint8":
    case "bool":
      return Uint8Array.from(listed);
    default:
      return Uint16Array.from(listed);
  }
}

function dataOf(message: TensorMessage, dtype: DataType, read: ReadExternal): Tensor["data"] {
  const { raw, floats, doubles, dims } = message;
  if (message.isExternal) {
    const width = message.dataType === bfloat16 ? 2 : elementBytes[dtype];
    return fromBytes(message, dtype, externalBytes(message, countOf(dims) * width, read));
  }
  if (raw) return fromBytes(message, dtype, raw);
  if (dtype === "float64") return fromBytes(message, dtype, joined(doubles));
  if (dtype === "float32" && message.dataType !== bfloat16) {
    return fromBytes(message, dtype, joined(floats));
  }
  return fromIntegers(message, dtype);
}

/** Bytes from which on a tensor is moved rather than copied. */
const largeBytes = 2 ** 16;

/**
 * Large data of a message at an address where they can be viewed as elements. They move down by up to
 * three bytes, over the tag and the length of their own field, which are read by now: a copy would
 * double what a model takes.
 */
function alignedInPlace(data: Uint8Array, width: number): Uint8Array {
  const by = data.byteOffset % width;
  if (by === 0 || width > 4 || data.length < largeBytes) return data;
  const moved = new Uint8Array(data.buffer, data.byteOffset - by, data.length);
  moved.set(data);
  return moved;
}

/**
 * A tensor of a model, checked whole: a broken one throws a TensorProblem. Its elements are views of the
 * model's bytes where their address allows it, else they are copied when they are asked for; large ones
 * are moved to such an address within the bytes.
 */
export function readTensor(message: TensorMessage, read: ReadExternal): StoredTensor {
  const dtype = elementTypeOf(message.dataType);
  if (!dtype) {
    const type = printElementType(message.dataType);
    throw new TensorProblem(`elements of ${type} cannot be read`);
  }
  countOf(message.dims);
  const shape = [...message.dims];
  const isPlain = message.isExternal || message.raw || message.floats.length === 1;
  if (!isPlain) {
    const tensor = { dtype, shape, data: dataOf(message, dtype, read) };
    return { dtype, shape, read: () => tensor };
  }
  checkSize(message, dtype, read);
  if (message.raw) message.raw = alignedInPlace(message.raw, elementBytes[dtype]);
  return { dtype, shape, read: () => ({ dtype, shape, data: dataOf(message, dtype, read) }) };
}

/** Checks what `dataOf` would, and copies nothing. */
function checkSize(message: TensorMessage, dtype: DataType, read: ReadExternal): void {
  const width = message.dataType === bfloat16 ? 2 : elementBytes[dtype];
  const wanted = countOf(message.dims) * width;
  if (message.isExternal) externalBytes(message, wanted, read);
  else {
    const bytes = (message.raw ?? message.floats[0])?.length ?? 0;
    const type = printElementType(message.dataType);
    if (bytes === wanted) return;
    throw new TensorProblem(`${type} [${message.dims}] takes ${wanted} bytes, but it has ${bytes}`);
  }
}
