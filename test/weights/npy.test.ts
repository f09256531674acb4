import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { readNpy, writeNpy } from "../../src/weights/npy.js";
import { type Tensor, toFloat32 } from "../../src/weights/store.js";

function read(bytes: Uint8Array): { tensor: Tensor | undefined; messages: string[] } {
  const report = new Report();
  const tensor = readNpy(bytes, { file: "x.npy", report });
  return { tensor, messages: report.diagnostics.map(({ message }) => message) };
}

function npy(header: string, data: readonly number[] = [], version = 1): Uint8Array {
  const size = version === 1 ? [header.length, 0] : [header.length, 0, 0, 0];
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...size, ...text, ...data);
}

const header = (descr: string, shape: string, fortran = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

test.each<Tensor>([
  { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -6.5) },
  { dtype: "float64", shape: [1], data: Float64Array.of(0.1) },
  { dtype: "float16", shape: [1, 1], data: Uint16Array.of(0x3c00) },
  { dtype: "int64", shape: [], data: BigInt64Array.of(-3n) },
  { dtype: "uint64", shape: [1], data: BigUint64Array.of(3n) },
  { dtype: "int8", shape: [0], data: new Int8Array(0) },
  { dtype: "uint32", shape: [2], data: Uint32Array.of(1, 2 ** 31) },
  { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
])("a tensor of $dtype survives writing and reading", (tensor) => {
  const bytes = writeNpy(tensor);
  expect(read(bytes)).toEqual({ tensor, messages: [] });
  expect((bytes.length - tensor.data.byteLength) % 64).toBe(0);
  expect(bytes[bytes.length - tensor.data.byteLength - 1]).toBe(0x0a);
});

test("the bytes are those that NumPy writes", () => {
  const bytes = writeNpy({ dtype: "float32", shape: [3], data: Float32Array.of(1, 2, 3) });
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
  const start = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0];
  expect([...bytes.subarray(0, 10)]).toEqual(start);
  expect(new TextDecoder().decode(bytes.subarray(10, 128))).toBe(`${text.padEnd(117)}\n`);
  expect(bytes.length).toBe(140);
});

test("versions 2 and 3, big-endian numbers and keys in another order are read", () => {
  for (const version of [2, 3]) {
    const { tensor } = read(npy(header(">f4", "(1,)"), [0x3f, 0x80, 0, 0], version));
    expect([...toFloat32(tensor!)]).toEqual([1]);
  }
  const swapped = "{'shape': (2, ), 'fortran_order': False, 'descr': '>i2'}";
  expect([...toFloat32(read(npy(swapped, [1, 0, 0, 2])).tensor!)]).toEqual([256, 2]);
});

test("Fortran order is turned into row-major order", () => {
  const { tensor } = read(npy(header("|u1", "(2, 3)", "True"), [1, 4, 2, 5, 3, 6]));
  expect(tensor).toEqual({ dtype: "uint8", shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
});

test.each([
  [Uint8Array.of(1, 2, 3), "it does not begin with"],
  [npy(header("<f4", "()"), [], 4), "version 4 is not known"],
  [npy(header("<f4", "()")).subarray(0, 20), "the header is cut off"],
  [npy(header("<f4", "()")).subarray(0, 9), "the header is cut off"],
  [npy("nonsense"), "the header is not a dictionary"],
  [npy("{'descr': '<f4'}"), "the header must hold descr"],
  [npy(header("<f4", "(1.5,)")), "the header is not a dictionary of known"],
  [npy(header("<f4", "(1 2)")), "is not a tuple of sizes"],
  [npy(header("<f4", "(99999999999999999999,)")), "is not a tuple of sizes"],
  [npy(header("<f4", "()", "'False'")), "fortran_order is neither"],
  [npy("{'descr': '<f4', 'descr': '<f4', }"), "the header holds descr twice"],
  [npy(header("<c8", "()"), [1, 2, 3, 4]), "the element type '<c8' cannot be read"],
  [npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (), }"), "cannot be read"],
  [
    npy(header("<f4", "(2, 3)"), [0, 0, 0, 0]),
    "shape [2,3] takes 24 bytes of data, but the file has 4",
  ],
  [npy(header("<f4", "()"), [0, 0, 0, 0, 0]), "takes 4 bytes of data, but the file has 5"],
])("a wrong file is refused (case %#)", (bytes, problem) => {
  const { tensor, messages } = read(bytes);
  expect(tensor).toBeUndefined();
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain(problem);
});

test("a file cut anywhere is refused", () => {
  const bytes = writeNpy({ dtype: "float32", shape: [2], data: Float32Array.of(1, 2) });
  for (let length = 0; length < bytes.length; length++) {
    expect(read(bytes.slice(0, length)).tensor).toBeUndefined();
  }
});
