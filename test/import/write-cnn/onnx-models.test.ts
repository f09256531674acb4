import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { compile, compileFile } from "../../../src/compile.js";
import { convertFile } from "../../../src/convert-model.js";
import { instantiate } from "../../../src/instantiate.js";
import { sizeOf } from "../../../src/ir/types.js";
import type { NodeProto } from "../../../src/onnx/proto.js";
import { noise } from "../../support/noise.js";
import { floats, ints, node, onnxModel, valueInfo } from "../../support/onnx-model.js";

const folder = mkdtempSync(path.join(tmpdir(), "cnnc-written-"));
afterAll(() => rmSync(folder, { recursive: true }));

const initializers = [
  ints("axis0", [0]),
  ints("all", [-1]),
  ints("starts", [2, 4]),
  ints("ends", [-9, -9]),
  ints("axes", [0, 2]),
  ints("steps", [-1, -2]),
  ints("sides", [1, 0, 2, 0, 3, 1]),
  floats("table", [3, 1, 5], noise(15, 9)),
];

const models: readonly (readonly [string, readonly NodeProto[]])[] = [
  ["sums over the batch", [node("ReduceSum", ["x", "axis0"], ["y"], { keepdims: 0 })]],
  ["norms of rows", [node("ReduceL2", ["x"], ["y"], { axes: [2], keepdims: 1 })]],
  [
    "places of maxima",
    [node("ArgMax", ["x"], ["i"], { axis: 0 }), node("Cast", ["i"], ["y"], { to: 1 })],
  ],
  ["parts read backwards", [node("Slice", ["x", "starts", "ends", "axes", "steps"], ["y"])]],
  ["all in one row", [node("Reshape", ["x", "all"], ["y"])]],
  [
    "axes in another order",
    [node("Transpose", ["x"], ["t"], { perm: [2, 0, 1] }), node("Erf", ["t"], ["y"])],
  ],
  ["borders of any axis", [node("Pad", ["x", "sides"], ["y"], { mode: "edge" })]],
  ["slopes of any shape", [node("PRelu", ["x", "table"], ["y"])]],
  [
    "steep gates",
    [node("HardSigmoid", ["x"], ["y"], { alpha: { float: 0.4 }, beta: { float: 0.3 } })],
  ],
  [
    "products of matrices",
    [node("Transpose", ["x"], ["t"], { perm: [0, 2, 1] }), node("MatMul", ["x", "t"], ["y"])],
  ],
];

test.each(
  models.flatMap(([name, nodes]) =>
    (["wasm", "ts"] as const).map((target) => [name, target, nodes] as const),
  ),
)("%s (%s): the .cnn that is written computes the same numbers", async (name, target, nodes) => {
  const inputs = [valueInfo("x", [3, 4, 5])];
  const file = path.join(folder, `${name.replaceAll(" ", "-")}.onnx`);
  writeFileSync(file, onnxModel({ nodes, inputs, outputs: ["y"], initializers, opset: 13 }));
  const { source, weights, batch } = convertFile(file, "written.safetensors");
  writeFileSync(path.join(folder, "written.safetensors"), weights);
  const direct = await instantiate(await compileFile(file, { target }));
  const again = await instantiate(await compile(source, { target, batch, base: folder }));
  expect(again.outputs).toEqual(direct.outputs);
  const feeds = { x: noise(sizeOf([3, 4, 5]), 4) };
  expect(again.run(feeds)).toEqual(direct.run(feeds));
});
