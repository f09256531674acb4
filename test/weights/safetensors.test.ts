import fc from "fast-check";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.js";
import { type Tensor, type TensorStore, toFloat32 } from "../../src/weights/store.js";

function read(bytes: Uint8Array): { store: TensorStore; names: string[]; messages: string[] } {
  const report = new Report();
  const store = readSafetensors(bytes, { file: "w.safetensors", report });
  const { diagnostics } = report;
  return {
    store,
    names: diagnostics.map(({ name }) => name),
    messages: diagnostics.map(({ message }) => message),
  };
}

function file(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (dtype: string, shape: number[], begin: number, end: number): string =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

const numbers = (store: TensorStore, path: string): number[] => [
  ...toFloat32(store.get(path)!.read()),
];

const all: Record<string, Tensor> = {
  f32: { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -2.5, 3, 4) },
  f64: { dtype: "float64", shape: [1], data: Float64Array.of(0.1) },
  f16: {
    dtype: "float16",
    shape: [5],
    data: Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x7c00, 0xfbff),
  },
  i8: { dtype: "int8", shape: [3], data: Int8Array.of(-128, 0, 127) },
  i16: { dtype: "int16", shape: [1], data: Int16Array.of(-300) },
  i32: { dtype: "int32", shape: [1], data: Int32Array.of(-70_000) },
  i64: { dtype: "int64", shape: [], data: BigInt64Array.of(-5n) },
  u8: { dtype: "uint8", shape: [0, 3], data: new Uint8Array(0) },
  u16: { dtype: "uint16", shape: [1], data: Uint16Array.of(65_535) },
  u32: { dtype: "uint32", shape: [1], data: Uint32Array.of(4_000_000_000) },
  u64: { dtype: "uint64", shape: [1], data: BigUint64Array.of(7n) },
  flag: { dtype: "bool", shape: [2], data: Uint8Array.of(0, 1) },
};

test("every element type survives writing and reading", () => {
  const { store, names } = read(writeSafetensors(all, { format: "pt" }));
  expect(names).toEqual([]);
  for (const [path, tensor] of Object.entries(all)) expect(store.get(path)!.read()).toEqual(tensor);
  expect(store.size).toBe(Object.keys(all).length);
});

test("every element type is read as the number it stands for", () => {
  const { store } = read(writeSafetensors(all));
  expect(numbers(store, "f16")).toEqual([1, -2.5, 2 ** -24, Number.POSITIVE_INFINITY, -65504]);
  expect(numbers(store, "f64")).toEqual([Math.fround(0.1)]);
  expect(numbers(store, "i64")).toEqual([-5]);
  expect(numbers(store, "u32")).toEqual([4_000_000_000]);
  expect(numbers(store, "flag")).toEqual([0, 1]);
});

test("bfloat16 is decoded to float32", () => {
  const data = new Uint8Array(Uint16Array.of(0x3f80, 0xc020, 0x7f80).buffer);
  const { store } = read(file(`{"b":${entry("BF16", [3], 0, 6)}}`, data));
  expect(store.get("b")!.dtype).toBe("float32");
  expect(numbers(store, "b")).toEqual([1, -2.5, Number.POSITIVE_INFINITY]);
});

test("the same tensors give the same bytes in any order", () => {
  const reversed = new Map(Object.entries(all).reverse());
  expect(writeSafetensors(reversed)).toEqual(writeSafetensors(all));
});

test("aligned float32 data is a view of the file, unaligned data a copy, also in a Buffer", () => {
  const tensors = { w: all.f32! };
  const bytes = writeSafetensors(tensors);
  expect(read(bytes).store.get("w")!.read().data.buffer).toBe(bytes.buffer);
  const shifted = Buffer.alloc(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(numbers(read(shifted.subarray(1)).store, "w")).toEqual([1, -2.5, 3, 4]);
});

test("names that are special to JavaScript are names like any other", () => {
  const names = ["__proto__", "constructor", "toString", "*/", `${"$"}{x}`, "0"];
  const one: Tensor = { dtype: "float32", shape: [1], data: Float32Array.of(7) };
  const { store } = read(writeSafetensors(new Map(names.map((name) => [name, one]))));
  expect([...store.keys()].sort()).toEqual([...names].sort());
  expect(numbers(store, "__proto__")).toEqual([7]);
});

test("a header that lies about its own size is refused", () => {
  expect(read(new Uint8Array(5)).names).toEqual(["weights-truncated"]);
  const long = file("{}");
  long[0] = 200;
  expect(read(long).names).toEqual(["weights-truncated"]);
  long.fill(0xff, 0, 8);
  expect(read(long).messages).toEqual([
    "w.safetensors: the header claims 18446744073709551615 bytes, more than the 100000000 that are allowed",
  ]);
});

test("a header that is not a JSON object in UTF-8 is refused", () => {
  for (const header of ["", "[]", " {}", "{", '{"a":1,}', "nonsense", `${"[".repeat(1000)}`]) {
    expect(read(file(header)).names).toEqual(["weights-header-malformed"]);
  }
  expect(read(file(Uint8Array.of(0x7b, 0xff, 0x7d))).names).toEqual(["weights-header-malformed"]);
});

test("a name that stands twice is refused", () => {
  const one = entry("F32", [1], 0, 4);
  const data = new Uint8Array(4);
  expect(read(file(`{"a":${one},"\\u0061":${one}}`, data)).messages).toEqual([
    'w.safetensors: the header holds "a" twice',
  ]);
  const twice = one.replace("{", '{"dtype":"F32",');
  expect(read(file(`{"a":${twice}}`, data)).names).toEqual(["weights-duplicate-name"]);
  expect(read(file(`{"a":${one},"b{\\"a":${entry("U8", [0], 4, 4)}}`, data)).names).toEqual([]);
});

test.each([
  ["3", "its header entry is not an object"],
  ["[]", "its header entry is not an object"],
  ['{"dtype":1}', "its dtype is not a string"],
  ['{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}', "its shape is not a list of"],
  ['{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}', "its shape is not a list of"],
  ['{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}', "its shape is not a list of"],
  ['{"dtype":"F32","shape":{"length":1},"data_offsets":[0,4]}', "its shape is not a list of"],
  ['{"dtype":"F32","shape":[1],"data_offsets":[0]}', "its data_offsets are not two"],
  ['{"dtype":"F32","shape":[1],"data_offsets":[0,"4"]}', "its data_offsets are not two"],
])("the entry %s is refused by name", (text, problem) => {
  const { names, messages } = read(file(`{"w":${text}}`, new Uint8Array(4)));
  expect(names).toEqual(["weights-entry-malformed"]);
  expect(messages[0]).toContain(`w.safetensors: tensor "w": ${problem}`);
});

test.each([
  [entry("F31", [1], 0, 4), "weights-dtype-unknown"],
  [entry("F32", [1], 4, 8), "weights-offsets-outside"],
  [entry("F32", [1], 4, 0), "weights-offsets-outside"],
  [entry("F32", [2], 0, 4), "weights-size-mismatch"],
  [entry("F32", [2 ** 40, 2 ** 40], 0, 4), "weights-size-mismatch"],
])("the lie %s is a %s", (text, name) => {
  const result = read(file(`{"w":${text}}`, new Uint8Array(4)));
  expect(result.names).toEqual([name]);
  expect(result.messages[0]).toContain('"w"');
  expect(result.store.size).toBe(0);
});

test("data that belongs to two tensors or to none is refused", () => {
  const [a, b] = [entry("F32", [2], 0, 8), entry("F32", [2], 4, 12)];
  expect(read(file(`{"a":${a},"b":${b}}`, new Uint8Array(12))).messages).toEqual([
    'w.safetensors: tensor "b" overlaps tensor "a"',
  ]);
  const c = entry("F32", [1], 8, 12);
  expect(
    read(file(`{"a":${entry("F32", [1], 0, 4)},"c":${c}}`, new Uint8Array(16))).messages,
  ).toEqual([
    "w.safetensors: data bytes 4 to 8 belong to no tensor",
    "w.safetensors: data bytes 12 to 16 belong to no tensor",
  ]);
});

test("a file cut or changed anywhere is read or refused, never a crash", () => {
  const bytes = writeSafetensors({ "conv.weight": all.f32!, "conv.bias": all.i16! });
  for (let length = 0; length < bytes.length; length++) {
    expect(read(bytes.slice(0, length)).names.length).toBeGreaterThan(0);
  }
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = bytes.slice();
      changed[at] = byte;
      for (const tensor of read(changed).store.values()) toFloat32(tensor.read());
    }),
    { seed: 5, numRuns: 500 },
  );
});
