import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileFile } from "../../src/compile.js";
import { instantiate } from "../../src/instantiate.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { readGraph } from "../import/onnx/read.js";
import { expectClose } from "../support/close.js";
import { noise } from "../support/noise.js";
import { floats, ints, node, onnxModel, valueInfo } from "../support/onnx-model.js";

/** Three channels in NHWC, a depth-wise convolution, and everything by old and new forms. */
const parts = {
  nodes: [
    node("Transpose", ["image"], ["x"], { perm: [0, 3, 1, 2] }),
    node("Conv", ["x", "conv.weight"], ["c"], { pads: [1, 1, 1, 1], group: 3 }),
    node("BatchNormalization", ["c", "s", "b", "m", "v"], ["n"]),
    node("LeakyRelu", ["n"], ["r"], { alpha: { float: 0.25 } }),
    node("Resize", ["r", "", "", "size"], ["u"], {
      mode: "cubic",
      coordinate_transformation_mode: "align_corners",
    }),
    node("Add", ["u", "shift"], ["a"]),
    node("ReduceMean", ["a"], ["g"], { axes: [2, 3], keepdims: 0 }),
    node("MatMul", ["g", "fc"], ["y"]),
    node("Transpose", ["a"], ["map"], { perm: [0, 2, 3, 1] }),
  ],
  inputs: [valueInfo("image", ["n", "h", "w", 3])],
  outputs: ["y", "map"],
  initializers: [
    floats("conv.weight", [3, 1, 3, 3], noise(27, 1)),
    floats("s", [3], [1, 2, 3]),
    floats("b", [3], [0.5, -0.5, 1]),
    floats("m", [3], [0.1, 0.2, 0.3]),
    floats("v", [3], [0.5, 1, 2]),
    ints("size", [2, 3, 7, 5]),
    floats("shift", [3, 1, 1], [1, 10, 100]),
    floats("fc", [3, 4], noise(12, 2)),
  ],
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-onnx-"));
  await writeFile(join(folder, "net.onnx"), onnxModel(parts));
});
afterAll(() => rm(folder, { recursive: true }));

const shapes = { image: [2, 5, 6, 3] };

test.each(["wasm", "ts"] as const)("an ONNX model runs compiled to %s", async (target) => {
  const compiled = await compileFile(join(folder, "net.onnx"), { target, shapes });
  const model = await instantiate(compiled);
  const image = noise(180, 9);
  const results = model.run({ image });
  const wanted = evaluate(readGraph(parts, { shapes }), new Map([["image", image]]));
  expect(model.outputs.map?.shape).toEqual([2, 7, 5, 3]);
  for (const name of ["y", "map"])
    expectClose(Float32Array.from(results[name]!, Number), wanted.get(name)!.data, 1e-4);
});

test("weights may come from elsewhere, under the paths of the model", async () => {
  const options = { shapes, init: { kind: "zeros", seed: 0 } } as const;
  const model = await instantiate(await compileFile(join(folder, "net.onnx"), options));
  const { y } = model.run({ image: noise(180, 9) });
  expect([...y!]).toEqual(Array.from({ length: 8 }, () => 0));
});

test("tensors without elements go in and come out", async () => {
  const file = join(folder, "empty.onnx");
  const bytes = onnxModel({
    nodes: [
      node("ReduceSum", ["x", "axis"], ["sum"], { keepdims: 0 }),
      node("Transpose", ["x"], ["turned"]),
    ],
    inputs: [valueInfo("x", [2, 0])],
    outputs: ["sum", "turned"],
    initializers: [ints("axis", [1])],
  });
  await writeFile(file, bytes);
  for (const target of ["wasm", "ts"] as const) {
    const model = await instantiate(await compileFile(file, { target }));
    const { sum, turned } = model.run({ x: new Float32Array(0) });
    expect([[...sum!], [...turned!]]).toEqual([[0, 0], []]);
    expect(model.outputs.turned?.shape).toEqual([0, 2]);
  }
});
