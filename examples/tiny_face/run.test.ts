import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { testArchitecture } from "../../test/support/architecture.js";
import { readManifest } from "./manifest.js";
import { tinyFaceWeights } from "./weights.js";

testArchitecture("tiny_face", { size: 64 });

const folder = mkdtempSync(path.join(tmpdir(), "cnnc-tiny-face-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A manifest of bytes from 0 on, split over two shards in the middle of a tensor. */
function manifest(weights: readonly unknown[], bytes: Uint8Array): string {
  const file = path.join(folder, "manifest.json");
  writeFileSync(path.join(folder, "one"), bytes.subarray(0, 5));
  writeFileSync(path.join(folder, "two"), bytes.subarray(5));
  writeFileSync(file, JSON.stringify([{ weights, paths: ["one", "two"] }]));
  return file;
}

const quantised = (name: string, shape: readonly number[], scale: number, min: number) => ({
  name,
  shape,
  dtype: "float32",
  quantization: { dtype: "uint8", scale, min },
});

test("bytes become scale · byte + minimum, floats stay as they are, across shards", () => {
  const floats = new Uint8Array(Float32Array.of(1.5, -2).buffer);
  const file = manifest(
    [
      quantised("a/filters", [1, 1, 2, 3], 0.5, -1),
      { name: "a/bias", shape: [2], dtype: "float32" },
    ],
    Uint8Array.of(0, 1, 2, 3, 4, 255, ...floats),
  );
  const tensors = readManifest(file);
  expect(tensors.get("a/filters")?.data).toEqual(Float32Array.of(-1, -0.5, 0, 0.5, 1, 126.5));
  expect(tensors.get("a/bias")?.data).toEqual(Float32Array.of(1.5, -2));
});

test("shards that are too short, too long or of other numbers are refused", () => {
  const one = [quantised("a/bias", [8], 1, 0)];
  expect(() => readManifest(manifest(one, new Uint8Array(7)))).toThrow("end in the middle");
  expect(() => readManifest(manifest(one, new Uint8Array(9)))).toThrow("belong to nothing");
  const wide = [{ name: "a/bias", shape: [8], dtype: "int32" }];
  expect(() => readManifest(manifest(wide, new Uint8Array(32)))).toThrow("int32 are not read");
});

test("kernels are turned to [out, in, height, width] and named by their layer", () => {
  const count = (...shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i),
  });
  const tensors = new Map([
    ["conv1/depthwise_filter", count(1, 2, 3, 1)],
    ["conv1/pointwise_filter", count(1, 1, 2, 3)],
    ["conv1/bias", count(3)],
    ["conv8/filters", count(1, 2, 2, 2)],
  ]);
  const named = new Map(tinyFaceWeights(tensors));
  expect([...named.keys()]).toEqual([
    "conv1.dw.weight",
    "conv1.pw.weight",
    "conv1.pw.bias",
    "conv8.weight",
  ]);
  expect(named.get("conv1.dw.weight")).toMatchObject({ shape: [3, 1, 1, 2] });
  expect([...named.get("conv1.dw.weight")!.data]).toEqual([0, 3, 1, 4, 2, 5]);
  expect([...named.get("conv1.pw.weight")!.data]).toEqual([0, 3, 1, 4, 2, 5]);
  expect(named.get("conv8.weight")).toMatchObject({ shape: [2, 2, 1, 2] });
  expect([...named.get("conv8.weight")!.data]).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
  expect(() => tinyFaceWeights(new Map([["conv1/gamma", count(3)]]))).toThrow("conv1/gamma");
});
