import { expect, test } from "vitest";
import { printGraph } from "../../../src/ir/print.js";
import { dataTypes } from "../../../src/onnx/proto.js";
import { floats, ints, node, onnxModel, valueInfo } from "../../support/onnx-model.js";
import { readBytes, readGraph, runModel } from "./read.js";

const x = (...shape: (number | string)[]) => valueInfo("x", shape);
const count = (size: number): number[] => Array.from({ length: size }, (_, at) => at - 3);

test("weights are parameters named by their paths", () => {
  const { graph, tensors } = readBytes(
    onnxModel({
      nodes: [
        node("Conv", ["x", "stem.0.weight", "b"], ["c"], { pads: [1, 1, 1, 1] }),
        node("Relu", ["c"], ["y"]),
      ],
      inputs: [x(1, 2, 3, 3)],
      outputs: ["y"],
      initializers: [
        floats("stem.0.weight", [4, 2, 3, 3], count(72)),
        floats("b", [4], [1, 2, 3, 4]),
        floats("unused", [9], count(9)),
      ],
    }),
  );
  expect([...tensors.keys()]).toEqual(["stem.0.weight", "stem.0.bias"]);
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "graph net(@x: f32[1,2,3,3])
    %0 = conv2d(@x, @stem.0.weight, @stem.0.bias) pads=[1,1,1,1] : f32[1,4,3,3]  // stem.0
    %1 = relu(%0) : f32[1,4,3,3]  // y_Relu
    return y=%1"
  `);
});

test("shapes that are computed from shapes are numbers when the model is read", () => {
  const graph = readGraph(
    {
      nodes: [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axis0"], ["n1"]),
        node("Concat", ["n1", "minus"], ["target"], { axis: 0 }),
        node("Reshape", ["x", "target"], ["y"]),
      ],
      inputs: [x("batch", 3, 4)],
      outputs: ["y"],
      initializers: [ints("zero", 0), ints("axis0", [0]), ints("minus", [-1])],
    },
    { shapes: { x: [2, 3, 4] } },
  );
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "graph net(@x: f32[2,3,4])
    %0 = reshape(@x) : f32[2,12]  // y_Reshape
    return y=%0"
  `);
});

test("an open first axis is the batch", () => {
  const parts = { nodes: [node("Relu", ["x"], ["y"])], inputs: [x("n", 3)], outputs: ["y"] };
  expect(readGraph(parts).outputs[0]!.value.type.shape).toEqual([1, 3]);
  expect(readGraph(parts, { batch: 4 }).outputs[0]!.value.type.shape).toEqual([4, 3]);
});

test("inputs that are given when compiling are constants", () => {
  const parts = {
    nodes: [node("Slice", ["x", "starts", "ends"], ["y"])],
    inputs: [
      x(4),
      valueInfo("starts", [1], dataTypes.int64),
      valueInfo("ends", [1], dataTypes.int64),
    ],
    outputs: ["y"],
  };
  const one = (value: bigint) =>
    ({ dtype: "int64", shape: [1], data: BigInt64Array.of(value) }) as const;
  const constants = { starts: one(1n), ends: one(2n ** 63n - 1n) };
  const result = runModel(parts, { x: [1, 2, 3, 4] }, { constants });
  expect([...result.get("y")!.data]).toEqual([2, 3, 4]);
});

test("nodes may stand in any order", () => {
  const parts = {
    nodes: [node("Neg", ["a"], ["y"]), node("Abs", ["x"], ["a"])],
    inputs: [x(2)],
    outputs: ["y"],
  };
  expect([...runModel(parts, { x: [-1, 2] }).get("y")!.data]).toEqual([-1, -2]);
});

test("a chain of twenty thousand nodes without names is read without recursion", () => {
  const nodes = Array.from({ length: 20_000 }, (_, at) => ({
    ...node("Relu", [at === 0 ? "x" : `v${at}`], [`v${at + 1}`]),
    name: "",
  }));
  const { graph } = readBytes(onnxModel({ nodes, inputs: [x(2)], outputs: ["v20000"] }));
  expect(graph.nodes).toHaveLength(20_001);
  expect(graph.nodes.at(-1)?.name).toBe("relu_20000");
});

test("all nodes that cannot be read are listed at once", () => {
  const parts = {
    nodes: [
      node("Nonsense", ["x"], ["a"]),
      node("Relu", ["a"], ["b"]),
      node("Softmax", ["x"], ["c"], { axis: 7 }),
      node("Relu", ["x"], ["d"], { strange: 1 }),
      { ...node("FusedConv", ["x"], ["e"]), domain: "com.example" },
    ],
    inputs: [x(1, 2)],
    outputs: ["b", "c", "d", "e"],
  };
  expect(() => readGraph(parts)).toThrowErrorMatchingInlineSnapshot(`
    [CompileError: error CNN513: m.onnx: 4 nodes cannot be compiled:
        "a_Nonsense" Nonsense (opset 17) of [1,2]: the operator is not known
        "c_Softmax" Softmax (opset 17) of [1,2]: axis 7 is none of a tensor of rank 2
        "d_Relu" Relu (opset 17) of [1,2]: its attribute strange is not known
        "e_FusedConv" FusedConv (opset com.example 1) of [1,2]: the operator is not known]
  `);
});
