import type { FileContext } from "./safetensors.js";
import { type DataType, elementBytes, printShape, type Tensor, viewData } from "./store.js";

/** NumPy's type codes without the byte order, and what each is read as. */
const dataTypes: ReadonlyMap<string, DataType> = new Map([
  ["f4", "float32"],
  ["f8", "float64"],
  ["f2", "float16"],
  ["i1", "int8"],
  ["i2", "int16"],
  ["i4", "int32"],
  ["i8", "int64"],
  ["u1", "uint8"],
  ["u2", "uint16"],
  ["u4", "uint32"],
  ["u8", "uint64"],
  ["b1", "bool"],
]);

const typeCodes = new Map([...dataTypes].map(([code, dtype]) => [dtype, code]));

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
}

/**
 * Reads a `.npy` file of versions 1 to 3, either byte order, C or Fortran order; the result is in
 * row-major order. Reports what is wrong and returns undefined then.
 */
export function readNpy(bytes: Uint8Array, { file, report }: FileContext): Tensor | undefined {
  const header = readHeader(bytes);
  if (typeof header === "string") {
    report.add("npy-malformed", { file, problem: header });
    return undefined;
  }
  const { descr, fortran, shape, dataStart } = header;
  const type = /^'([<>|=]?)([a-z]\d)'$/.exec(descr);
  const dtype = dataTypes.get(type?.[2] ?? "");
  if (!dtype) {
    report.add("npy-dtype-unknown", { file, dtype: descr });
    return undefined;
  }
  const count = shape.reduce((size, n) => size * n, 1);
  const [wanted, has] = [count * elementBytes[dtype], bytes.length - dataStart];
  if (wanted !== has) {
    report.add("npy-size-mismatch", { file, shape: printShape(shape), wanted, has });
    return undefined;
  }
  const stored = bytes.subarray(dataStart);
  const little = type?.[1] === ">" ? swapBytes(stored, elementBytes[dtype]) : stored;
  const rows = fortran ? rowMajor(little, elementBytes[dtype], shape) : little;
  return { dtype, shape, data: viewData(dtype, rows, count) };
}

/** The parts of the header, or what is wrong with it. */
function readHeader(bytes: Uint8Array): Header | string {
  if (!magic.every((byte, i) => bytes[i] === byte)) return "it does not begin with \\x93NUMPY";
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) return `version ${version} is not known`;
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) return "the header is cut off";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataStart > bytes.length) return "the header is cut off";
  if (dataStart - start > 65_535) return "the header is larger than 65535 bytes";
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(start, dataStart),
  );
  return parseHeader(text, dataStart);
}

/** Reads Python's `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, keys in any order. */
function parseHeader(text: string, dataStart: number): Header | string {
  const found = new Map<string, string>();
  const item = /^\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,L]*\)|\[[^\]]*\])\s*(?:,|(?=\}))/;
  let rest = text.trim();
  if (!rest.startsWith("{")) return "the header is not a dictionary";
  rest = rest.slice(1);
  for (let match = item.exec(rest); match; match = item.exec(rest)) {
    if (found.has(match[1]!)) return `the header holds ${match[1]} twice`;
    found.set(match[1]!, match[2]!);
    rest = rest.slice(match[0].length);
  }
  if (rest.trim() !== "}") return "the header is not a dictionary of known entries";
  const [descr, order, shapeText] = ["descr", "fortran_order", "shape"].map((key) =>
    found.get(key),
  );
  if (descr === undefined || order === undefined || shapeText === undefined || found.size !== 3) {
    return "the header must hold descr, fortran_order and shape";
  }
  if (order !== "True" && order !== "False") return "fortran_order is neither True nor False";
  const shape = parseShape(shapeText);
  if (!shape) return `the shape ${shapeText} is not a tuple of sizes`;
  return { descr, fortran: order === "True", shape, dataStart };
}

function parseShape(text: string): number[] | undefined {
  if (!/^\(\s*(?:\d+L?\s*,\s*)*(?:\d+L?\s*)?\)$/.test(text)) return undefined;
  const shape = (text.match(/\d+/g) ?? []).map(Number);
  return shape.every(Number.isSafeInteger) ? shape : undefined;
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += width) {
    for (let i = 0; i < width; i++) swapped[at + i] = bytes[at + width - 1 - i]!;
  }
  return swapped;
}

/** The bytes of column-major elements of a shape, in row-major order. */
function rowMajor(bytes: Uint8Array, width: number, shape: readonly number[]): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  for (let to = 0; to < bytes.length; to += width) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis]! + index[axis]!;
    result.set(bytes.subarray(from * width, (from + 1) * width), to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return result;
}

/** A `.npy` file of version 1, little-endian, C order. */
export function writeNpy({ dtype, shape, data }: Tensor): Uint8Array {
  const order = elementBytes[dtype] === 1 ? "|" : "<";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${order}${typeCodes.get(dtype)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const dataStart = Math.ceil((11 + text.length) / 64) * 64;
  const bytes = new Uint8Array(dataStart + data.byteLength).fill(0x20, 10, dataStart);
  bytes.set(magic);
  bytes.set([1, 0], 6);
  new DataView(bytes.buffer).setUint16(8, dataStart - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[dataStart - 1] = 0x0a;
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataStart);
  return bytes;
}
