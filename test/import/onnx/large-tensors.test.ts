import { expect, test } from "vitest";
import { noise } from "../../support/noise.js";
import { floats, node, onnxModel, valueInfo } from "../../support/onnx-model.js";
import { readBytes } from "./read.js";

const [rows, columns] = [130, 150];
const matrix = noise(rows * columns, 7);

/** A model of a product with a matrix of 78,000 bytes; the name of its node shifts it in the file. */
const product = (name: string, transB: number): Uint8Array =>
  onnxModel({
    nodes: [{ ...node("Gemm", ["x", "w"], ["y"], { transB }), name }],
    inputs: [valueInfo("x", [1, transB ? columns : rows])],
    outputs: ["y"],
    initializers: [floats("w", [rows, columns], matrix)],
  });

const weightOf = (bytes: Uint8Array) => [...readBytes(bytes).tensors.values()][0]!.read();

test("a large tensor is a view of the model's bytes, wherever it stands in them", () => {
  const offsets = new Set<number>();
  for (const name of ["n", "nn", "nnn", "nnnn"]) {
    const bytes = product(name, 1);
    const first = Buffer.from(matrix.buffer, matrix.byteOffset, 16);
    offsets.add(Buffer.from(bytes).indexOf(first) % 4);
    const { shape, data } = weightOf(bytes);
    expect(data.buffer).toBe(bytes.buffer);
    expect(shape).toEqual([rows, columns]);
    expect(data).toEqual(matrix);
  }
  expect(offsets.size).toBe(4);
});

test("a matrix that is turned is one with its axes exchanged, in floats", () => {
  const { shape, data } = weightOf(product("n", 0));
  expect(shape).toEqual([columns, rows]);
  expect(data).toBeInstanceOf(Float32Array);
  const turned = Float32Array.from(
    { length: matrix.length },
    (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!,
  );
  expect(data).toEqual(turned);
});

test("a known tensor of four axes is turned in any order", () => {
  const data = noise(120, 9);
  const bytes = onnxModel({
    nodes: [
      node("Transpose", ["w"], ["t"], { perm: [2, 0, 3, 1] }),
      node("Transpose", ["t"], ["u"], { perm: [1, 0, 2, 3] }),
      node("Add", ["x", "u"], ["y"]),
    ],
    inputs: [valueInfo("x", [2, 4, 5, 3])],
    outputs: ["y"],
    initializers: [floats("w", [2, 3, 4, 5], data)],
  });
  const { shape, data: turned } = weightOf(bytes);
  expect(shape).toEqual([2, 4, 5, 3]);
  let at = 0;
  for (let n = 0; n < 2; n++)
    for (let h = 0; h < 4; h++)
      for (let w = 0; w < 5; w++)
        for (let c = 0; c < 3; c++) expect(turned[at++]).toBe(data[((n * 3 + c) * 4 + h) * 5 + w]);
});

test("a matrix that many nodes read turned is turned once", () => {
  const count = 50;
  const nodes = Array.from({ length: count }, (_, at) => ({
    ...node(at % 2 ? "Gemm" : "MatMul", [at === 0 ? "x" : `v${at}`, "w"], [`v${at + 1}`]),
    name: `n${at}`,
  }));
  const bytes = onnxModel({
    nodes,
    inputs: [valueInfo("x", [1, 130])],
    outputs: [`v${count}`],
    initializers: [floats("w", [130, 130], noise(130 * 130, 3))],
  });
  const tensors = [...readBytes(bytes).tensors.values()].map((tensor) => tensor.read().data);
  expect(tensors.length).toBe(count);
  expect(new Set(tensors).size).toBe(1);
});
