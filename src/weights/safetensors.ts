import type { Report } from "../diagnostics/report.js";
import { duplicateKey } from "./json-keys.js";
import {
  type DataType,
  elementBytes,
  printShape,
  type StoredTensor,
  type Tensor,
  type TensorStore,
  viewData,
} from "./store.js";

/** Largest header that is read, as in the format's reference reader. */
export const headerLimit = 100_000_000;

/** The format's names of element types, and what each is read as. */
const dataTypes: ReadonlyMap<string, DataType | "bfloat16"> = new Map([
  ["F32", "float32"],
  ["F64", "float64"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I8", "int8"],
  ["I16", "int16"],
  ["I32", "int32"],
  ["I64", "int64"],
  ["U8", "uint8"],
  ["U16", "uint16"],
  ["U32", "uint32"],
  ["U64", "uint64"],
  ["BOOL", "bool"],
] as const);

const formatNames = new Map([...dataTypes].map(([name, dtype]) => [dtype, name]));

/** Where messages about a file go, and what the file is called in them. */
export interface FileContext {
  readonly file: string;
  readonly report: Report;
}

/** A header entry that has been checked against the data. */
interface Entry {
  readonly path: string;
  readonly dtype: DataType | "bfloat16";
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file. Nothing in the file is trusted: whatever is wrong is reported with the
 * tensor's name, and the tensor is left out. Elements are decoded when a tensor is read; aligned
 * ones are views of `bytes`, which must not change.
 */
export function readSafetensors(bytes: Uint8Array, context: FileContext): TensorStore {
  const store = new Map<string, StoredTensor>();
  const header = readHeader(bytes, context);
  if (!header) return store;
  const data = bytes.subarray(header.dataStart);
  const entries: Entry[] = [];
  const named = Object.entries(header.json).filter(([path]) => path !== "__metadata__");
  for (const [path, value] of named) {
    const entry = checkEntry(path, value, data.length, context);
    if (entry) entries.push(entry);
  }
  if (entries.length === named.length) checkCover(entries, data.length, context);
  for (const entry of entries) store.set(entry.path, storedTensor(entry, data));
  return store;
}

function readHeader(
  bytes: Uint8Array,
  { file, report }: FileContext,
): { json: object; dataStart: number } | undefined {
  if (bytes.length < 8) {
    report.add("weights-truncated", { file, wanted: 8, has: bytes.length });
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getBigUint64(0, true);
  if (claimed > BigInt(headerLimit)) {
    report.add("weights-header-too-large", { file, bytes: `${claimed}`, limit: headerLimit });
    return undefined;
  }
  const dataStart = 8 + Number(claimed);
  if (dataStart > bytes.length) {
    report.add("weights-truncated", { file, wanted: dataStart, has: bytes.length });
    return undefined;
  }
  const json = parseHeader(bytes.subarray(8, dataStart), { file, report });
  return json && { json, dataStart };
}

function parseHeader(bytes: Uint8Array, { file, report }: FileContext): object | undefined {
  const malformed = (problem: string): undefined => {
    report.add("weights-header-malformed", { file, problem });
  };
  if (bytes[0] !== 0x7b) return malformed("it does not begin with {");
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return malformed("it is not UTF-8");
  }
  try {
    json = JSON.parse(text);
  } catch {
    return malformed("it is not JSON");
  }
  if (!isObject(json)) return malformed("it is not a JSON object");
  const name = duplicateKey(text);
  if (name !== undefined) {
    report.add("weights-duplicate-name", { file, name });
    return undefined;
  }
  return json;
}

function checkEntry(
  path: string,
  value: unknown,
  dataSize: number,
  { file, report }: FileContext,
): Entry | undefined {
  const malformed = (problem: string): undefined => {
    report.add("weights-entry-malformed", { file, tensor: path, problem });
  };
  if (!isObject(value)) return malformed("its header entry is not an object");
  const { dtype: name, shape, data_offsets: offsets } = value;
  if (typeof name !== "string") return malformed("its dtype is not a string");
  if (!isCounts(shape)) return malformed("its shape is not a list of non-negative integers");
  if (!isCounts(offsets) || offsets.length !== 2) {
    return malformed("its data_offsets are not two non-negative integers");
  }
  const dtype = dataTypes.get(name);
  if (dtype === undefined) {
    const known = [...dataTypes.keys()];
    report.add("weights-dtype-unknown", { file, tensor: path, dtype: name, known });
    return undefined;
  }
  const [begin = 0, end = 0] = offsets;
  if (begin > end || end > dataSize) {
    report.add("weights-offsets-outside", { file, tensor: path, begin, end, size: dataSize });
    return undefined;
  }
  const wanted = shape.reduce((size, n) => size * n, bytesOf(dtype));
  if (wanted !== end - begin) {
    const details = { dtype: name, shape: printShape(shape), wanted, has: end - begin };
    report.add("weights-size-mismatch", { file, tensor: path, ...details });
    return undefined;
  }
  return { path, dtype, shape, begin, end };
}

/** The format wants every byte of the data to belong to exactly one tensor. */
function checkCover(entries: readonly Entry[], size: number, { file, report }: FileContext): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  let last = "";
  for (const entry of sorted) {
    if (entry.begin < end) {
      report.add("weights-overlap", { file, tensor: entry.path, other: last });
    } else if (entry.begin > end) {
      report.add("weights-gap", { file, begin: end, end: entry.begin });
    }
    end = Math.max(end, entry.end);
    last = entry.path;
  }
  if (end < size) report.add("weights-gap", { file, begin: end, end: size });
}

function storedTensor({ dtype, shape, begin, end }: Entry, data: Uint8Array): StoredTensor {
  const bytes = data.subarray(begin, end);
  const count = (end - begin) / bytesOf(dtype);
  if (dtype !== "bfloat16") {
    return { dtype, shape, read: () => ({ dtype, shape, data: viewData(dtype, bytes, count) }) };
  }
  const read = (): Tensor => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const words = new Uint32Array(count);
    for (let at = 0; at < count; at++) words[at] = view.getUint16(2 * at, true) << 16;
    return { dtype: "float32", shape, data: new Float32Array(words.buffer) };
  };
  return { dtype: "float32", shape, read };
}

/**
 * A safetensors file of these tensors. The same tensors give the same bytes: wider elements come
 * first, so that each lies aligned, then the order of the names.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]> | Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const list = Symbol.iterator in tensors ? [...tensors] : Object.entries(tensors);
  const named = list.sort(
    ([a, { dtype: x }], [b, { dtype: y }]) =>
      elementBytes[y] - elementBytes[x] || (a < b ? -1 : a > b ? 1 : 0),
  );
  const lines: string[] = [];
  if (metadata) lines.push(`"__metadata__":${JSON.stringify(sortedRecord(metadata))}`);
  let size = 0;
  for (const [path, { dtype, shape, data }] of named) {
    const data_offsets = [size, size + data.byteLength];
    lines.push(
      `${JSON.stringify(path)}:${JSON.stringify({ dtype: formatNames.get(dtype), shape, data_offsets })}`,
    );
    size += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${lines.join(",")}}`);
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + size).fill(0x20, 8, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(header, 8);
  let at = dataStart;
  for (const [, { data }] of named) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

const bytesOf = (dtype: DataType | "bfloat16"): number =>
  dtype === "bfloat16" ? 2 : elementBytes[dtype];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

const sortedRecord = (record: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
