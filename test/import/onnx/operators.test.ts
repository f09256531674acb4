import { expect, test } from "vitest";
import { dataTypes } from "../../../src/onnx/proto.js";
import { noise } from "../../support/noise.js";
import { type AttributeValue, floats, ints, node, valueInfo } from "../../support/onnx-model.js";
import { readGraph, runModel } from "./read.js";

type Attributes = Readonly<Record<string, AttributeValue>>;

interface Case {
  readonly attributes?: Attributes;
  readonly shape: readonly number[];
  readonly data?: readonly number[];
  /** Tensors behind the first operand. */
  readonly others?: readonly ReturnType<typeof floats>[];
  readonly opset?: number;
  readonly outputs?: readonly string[];
}

/** A model of one node on the input `x`. */
const modelOf = (
  op: string,
  { attributes = {}, shape, others = [], opset = 17, outputs = ["y"] }: Case,
) => ({
  nodes: [node(op, ["x", ...others.map(({ name }) => name ?? "")], outputs, attributes)],
  inputs: [valueInfo("x", shape)],
  outputs: outputs.filter((name) => name !== ""),
  initializers: others.filter(({ name }) => name !== ""),
  opset,
});

const counted = (size: number): number[] => Array.from({ length: size }, (_, at) => at + 1);

/** What a node makes of an input, with its shape. */
function run(op: string, one: Case): { readonly shape: readonly number[]; data: number[] } {
  const data = one.data ?? counted(one.shape.reduce((size, n) => size * n, 1));
  const { shape, data: numbers } = runModel(modelOf(op, one), { x: data }).get("y")!;
  return { shape, data: [...numbers] };
}

const left = floats("", [], []);

test("padding that is worked out puts the odd row where it is told", () => {
  const weight = floats("w", [1, 1, 1, 2], [1, 10]);
  const conv = (auto_pad: string) =>
    run("Conv", { shape: [1, 1, 1, 3], others: [weight], attributes: { auto_pad } }).data;
  expect(conv("SAME_UPPER")).toEqual([21, 32, 3]);
  expect(conv("SAME_LOWER")).toEqual([10, 21, 32]);
  expect(conv("VALID")).toEqual([21, 32]);
});

test("a convolution of a signal is one of an image of one row", () => {
  const others = [floats("w", [2, 1, 2], [1, 10, 2, 0]), floats("b", [2], [100, 200])];
  const attributes = { pads: [1, 0], strides: [2], dilations: [1] };
  expect(run("Conv", { shape: [1, 1, 4], others, attributes })).toEqual({
    shape: [1, 2, 2],
    data: [110, 132, 200, 204],
  });
});

test("a transposed convolution is cut or widened to the size that is told", () => {
  const others = [floats("w", [1, 1, 1, 2], [1, 10])];
  const sized = (output_shape: number[], more: Attributes = {}) =>
    run("ConvTranspose", {
      shape: [1, 1, 1, 2],
      others,
      attributes: { output_shape, strides: [1, 2], ...more },
    }).data;
  expect(sized([1, 3])).toEqual([10, 2, 20]);
  expect(sized([1, 3], { auto_pad: "SAME_UPPER" })).toEqual([1, 10, 2]);
  expect(sized([1, 5])).toEqual([1, 10, 2, 20, 0]);
});

test("a norm pool sums powers over the whole window", () => {
  const attributes = { kernel_shape: [1, 2], p: 2 };
  expect(run("LpPool", { shape: [1, 1, 1, 3], data: [3, 4, 3], attributes }).data).toEqual([5, 5]);
  expect(run("GlobalLpPool", { shape: [1, 1, 2, 2], data: [1, -5, 3, 1] }).data).toEqual([6]);
});

test("a pool tells where its numbers stand, the first of equal ones, column by column if asked", () => {
  const where = (attributes: Attributes) =>
    run("MaxPool", {
      shape: [1, 2, 2, 2],
      data: [7, 1, 7, 0, 0, 5, 1, 2],
      attributes: { kernel_shape: [2, 2], ...attributes },
      outputs: ["v", "y"],
    }).data;
  expect(where({})).toEqual([0, 5]);
  expect(where({ storage_order: 1 })).toEqual([0, 6]);
});

test("an even window of a local response norm reaches further behind", () => {
  const attributes = {
    size: 2,
    alpha: { float: 2 },
    beta: { float: 1 },
    bias: { float: 1 },
  };
  expect(run("LRN", { shape: [1, 3, 1, 1], attributes }).data).toEqual([1 / 6, 2 / 14, 3 / 10]);
});

test("layer norm also tells its mean and the reciprocal of its deviation", () => {
  const model = {
    ...modelOf("LayerNormalization", {
      shape: [2, 2],
      others: [floats("s", [2], [2, 4]), floats("b", [2], [10, 20])],
      attributes: { epsilon: { float: 0.75 } },
      outputs: ["y", "mean", "factor"],
    }),
  };
  const results = runModel(model, { x: [0, 1, 3, 4] });
  expect([...results.get("y")!.data]).toEqual([9, 22, 9, 22]);
  expect([...results.get("mean")!.data]).toEqual([0.5, 3.5]);
  expect([...results.get("factor")!.data]).toEqual([1, 1]);
});

test("one scale a group is spread over its channels", () => {
  const others = [floats("s", [2], [1, 3]), floats("b", [2], [0, 5])];
  const attributes = { num_groups: 2, epsilon: { float: 0 } };
  const shape = [1, 4, 1, 1];
  expect(
    run("GroupNormalization", { shape, data: [1, 3, 0, 8], others, attributes, opset: 18 }).data,
  ).toEqual([-1, 1, 2, 8]);
});

test("a matrix product reads its matrix turned or not, with a bias of any kind", () => {
  const b = floats("b", [2, 3], [1, 2, 3, 4, 5, 6]);
  const c = (dims: number[], numbers: number[]) => floats("c", dims, numbers);
  const gemm = (bias: ReturnType<typeof floats>, attributes: Attributes = {}) =>
    run("Gemm", { shape: [2, 2], others: [b, bias], attributes }).data;
  expect(gemm(c([3], [10, 20, 30]))).toEqual([19, 32, 45, 29, 46, 63]);
  expect(gemm(c([1], [100]))).toEqual([109, 112, 115, 119, 126, 133]);
  expect(gemm(c([2, 1], [100, 200]))).toEqual([109, 112, 115, 219, 226, 233]);
  const scaled = { alpha: { float: 2 }, beta: { float: 0.5 }, transA: 1 };
  expect(gemm(c([3], [10, 20, 30]), scaled)).toEqual([31, 44, 57, 41, 58, 75]);
  const turned = floats("b", [3, 2], [1, 4, 2, 5, 3, 6]);
  const attributes = { transB: 1 };
  expect(run("Gemm", { shape: [1, 2], others: [turned], attributes }).data).toEqual([9, 12, 15]);
});

test("matrix products of two computed operands, of vectors, and of a known left one", () => {
  const x = valueInfo("x", [2, 1, 2]);
  const two = {
    nodes: [node("MatMul", ["x", "z"], ["y"])],
    inputs: [x, valueInfo("z", [2, 3])],
    outputs: ["y"],
  };
  const product = runModel(two, { x: [1, 2, 3, 4], z: counted(6) }).get("y")!;
  expect(product.shape).toEqual([2, 1, 3]);
  expect([...product.data]).toEqual([9, 12, 15, 19, 26, 33]);
  const vector = floats("v", [2], [10, 1]);
  expect(run("MatMul", { shape: [2, 2], others: [vector] })).toEqual({
    shape: [2],
    data: [12, 34],
  });
  const known = {
    nodes: [node("MatMul", ["w", "x"], ["y"])],
    inputs: [valueInfo("x", [2, 1])],
    outputs: ["y"],
    initializers: [floats("w", [3, 2], counted(6))],
  };
  expect([...runModel(known, { x: [1, 10] }).get("y")!.data]).toEqual([21, 43, 65]);
  expect(readGraph(known).nodes.some(({ op }) => op === "linear")).toBe(true);
});

test("the oldest arithmetic lays its right operand at an axis", () => {
  const right = floats("r", [2], [10, 20]);
  const attributes = { broadcast: 1, axis: 1 };
  expect(run("Add", { shape: [1, 2, 2], others: [right], attributes, opset: 6 }).data).toEqual([
    11, 12, 23, 24,
  ]);
  const last = { broadcast: 1 };
  expect(
    run("Sub", { shape: [1, 2, 2], others: [right], attributes: last, opset: 6 }).data,
  ).toEqual([-9, -18, -7, -16]);
});

test("bounds of a clip are attributes or operands; a minimum above the maximum gives the maximum", () => {
  const data = [-5, 0, 5];
  const attributes = { min: { float: -1 }, max: { float: 2 } };
  expect(run("Clip", { shape: [3], data, attributes, opset: 6 }).data).toEqual([-1, 0, 2]);
  expect(run("Clip", { shape: [3], data, others: [left, floats("m", [], [1])] }).data).toEqual([
    -5, 0, 1,
  ]);
  const crossed = [floats("a", [], [3]), floats("b", [], [1])];
  expect(run("Clip", { shape: [3], data, others: crossed }).data).toEqual([1, 1, 1]);
});

test("softmax was over all axes from one on, and is along one", () => {
  const data = [0, Math.log(3), 0, 0];
  const softmax = (opset: number) =>
    run("Softmax", { shape: [1, 2, 2], data, attributes: { axis: 1 }, opset }).data;
  softmax(11).forEach((p, at) => {
    expect(p).toBeCloseTo(at === 1 ? 1 / 2 : 1 / 6, 6);
  });
  softmax(13).forEach((p, at) => {
    expect(p).toBeCloseTo([1 / 2, 3 / 4, 1 / 2, 1 / 4][at]!, 6);
  });
});

test("activations have their formulas", () => {
  const values = (op: string, attributes: Attributes = {}) =>
    run(op, { shape: [3], data: [-1, 0.5, 2], attributes, opset: 20 }).data;
  const near = (op: string, wanted: (x: number) => number, attributes: Attributes = {}) =>
    values(op, attributes).forEach((y, at) => {
      expect(y, op).toBeCloseTo(wanted([-1, 0.5, 2][at]!), 5);
    });
  near("Softsign", (x) => x / (1 + Math.abs(x)));
  near("Celu", (x) => (x > 0 ? x : 2 * Math.expm1(x / 2)), { alpha: { float: 2 } });
  near("Selu", (x) => 3 * (x > 0 ? x : 2 * Math.expm1(x)), {
    alpha: { float: 2 },
    gamma: { float: 3 },
  });
  near("ThresholdedRelu", (x) => (x > 0.5 ? x : 0), { alpha: { float: 0.5 } });
  near("HardSigmoid", (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1));
  near("Gelu", (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))), {
    approximate: "tanh",
  });
  expect(values("Floor")).toEqual([-1, 0, 2]);
});

test("slopes of one number a channel keep their shape as a parameter", () => {
  const graph = readGraph(
    modelOf("PRelu", { shape: [1, 2, 1, 2], others: [floats("s", [2, 1, 1], [0.5, 0.25])] }),
  );
  const weight = graph.nodes.find(({ name, op }) => op === "constant" && name.endsWith(".weight"));
  expect(weight?.results[0]?.type.shape).toEqual([2]);
  const others = [floats("s", [2], [0.5, 0.25])];
  const shape = [1, 2, 1, 2];
  expect(run("PRelu", { shape, data: [-2, 2, -4, 4], others, opset: 6 }).data).toEqual([
    -1, 2, -1, 4,
  ]);
});

test("reductions take axes as an attribute or an operand, negative ones, or none", () => {
  const shape = [2, 3];
  const sum = (one: Partial<Case>) => run("ReduceSum", { shape, ...one });
  expect(sum({ attributes: { axes: [1], keepdims: 0 }, opset: 11 })).toEqual({
    shape: [2],
    data: [6, 15],
  });
  expect(sum({ others: [ints("a", [-2])] })).toEqual({ shape: [1, 3], data: [5, 7, 9] });
  expect(sum({})).toEqual({ shape: [1, 1], data: [21] });
  expect(sum({ attributes: { noop_with_empty_axes: 1 } }).data).toEqual(counted(6));
  expect(run("ReduceL2", { shape: [2], data: [3, -4] }).data).toEqual([5]);
  expect(run("ReduceProd", { shape: [5, 2], attributes: { axes: [0] } }).data).toEqual([945, 3840]);
  expect(run("ReduceLogSumExp", { shape: [2], data: [0, 0] }).data[0]).toBeCloseTo(Math.LN2, 6);
});

test("places of extremes are the first or the last of equal ones", () => {
  const shape = [2, 3];
  const data = [1, 5, 5, 0, -2, -2];
  const at = (op: string, attributes: Attributes) => run(op, { shape, data, attributes }).data;
  expect(at("ArgMax", { axis: 1 })).toEqual([1, 0]);
  expect(at("ArgMax", { axis: 1, select_last_index: 1 })).toEqual([2, 0]);
  expect(at("ArgMin", { axis: -1, keepdims: 0 })).toEqual([0, 1]);
  expect(at("Hardmax", { axis: 1 })).toEqual([0, 1, 0, 1, 0, 0]);
});

test("slices reach past the end, backwards, and to nothing", () => {
  const slice = (starts: number[], ends: number[], axes: number[], steps: number[]) =>
    run("Slice", {
      shape: [2, 3],
      others: [ints("s", starts), ints("e", ends), ints("a", axes), ints("t", steps)],
    });
  expect(slice([1], [1000], [1], [1]).data).toEqual([2, 3, 5, 6]);
  expect(slice([-1], [-1000], [-1], [-2]).data).toEqual([3, 1, 6, 4]);
  expect(slice([5], [9], [1], [1])).toEqual({ shape: [2, 0], data: [] });
});

test("indices gather along an axis, negative ones from the end", () => {
  const others = [ints("i", [2, -3, 1])];
  const attributes = { axis: 1 };
  expect(run("Gather", { shape: [2, 3], others, attributes })).toEqual({
    shape: [2, 3],
    data: [3, 1, 2, 6, 4, 5],
  });
  expect(run("Gather", { shape: [2, 3], others: [ints("i", 1)], attributes }).shape).toEqual([2]);
});

test("pads are attributes or operands, cut where negative, and wrap", () => {
  const shape = [1, 4];
  expect(run("Pad", { shape, attributes: { pads: [0, 1, 0, -2] }, opset: 2 }).data).toEqual([
    0, 1, 2,
  ]);
  const padded = (mode: string, pads: number[], more: ReturnType<typeof floats>[] = []) =>
    run("Pad", { shape, others: [ints("p", pads), ...more], attributes: { mode }, opset: 19 }).data;
  expect(padded("constant", [0, 1, 0, 0], [floats("v", [], [9])])).toEqual([9, 1, 2, 3, 4]);
  expect(padded("reflect", [0, 2, 0, 1])).toEqual([3, 2, 1, 2, 3, 4, 3]);
  expect(padded("edge", [0, 1, 0, 1])).toEqual([1, 1, 2, 3, 4, 4]);
  expect(padded("wrap", [0, 1, 0, 2])).toEqual([4, 1, 2, 3, 4, 1, 2]);
  expect(padded("edge", [1, 0], [left, ints("a", [1])])).toEqual([1, 1, 2, 3, 4]);
});

test("tensors repeat and expand", () => {
  expect(run("Tile", { shape: [1, 2], others: [ints("r", [2, 2])] })).toEqual({
    shape: [2, 4],
    data: [1, 2, 1, 2, 1, 2, 1, 2],
  });
  expect(run("Expand", { shape: [2, 1], others: [ints("s", [2, 1, 2])] })).toEqual({
    shape: [2, 2, 2],
    data: [1, 1, 2, 2, 1, 1, 2, 2],
  });
});

test("depth becomes space in two orders, and space depth", () => {
  const shape = [1, 8, 1, 1];
  const order = (mode: string) =>
    run("DepthToSpace", { shape, attributes: { blocksize: 2, mode } }).data;
  expect(order("DCR")).toEqual([1, 3, 5, 7, 2, 4, 6, 8]);
  expect(order("CRD")).toEqual(counted(8));
  expect(run("SpaceToDepth", { shape: [1, 2, 2, 2], attributes: { blocksize: 2 } }).data).toEqual([
    1, 5, 2, 6, 3, 7, 4, 8,
  ]);
});

test("a reshape keeps sizes, works one out, and takes the attribute of the oldest", () => {
  const shaped = (to: number[], more: Partial<Case> = {}) =>
    run("Reshape", { shape: [2, 3, 4], others: [ints("s", to)], ...more }).shape;
  expect(shaped([0, -1])).toEqual([2, 12]);
  expect(run("Reshape", { shape: [2, 3], attributes: { shape: [3, 2] }, opset: 1 }).shape).toEqual([
    3, 2,
  ]);
  const empty = { shape: [0, 3, 4], attributes: { allowzero: 1 } };
  expect(shaped([3, 4, 0], empty)).toEqual([3, 4, 0]);
});

test("what the network compares chooses between what it computes", () => {
  const model = {
    nodes: [
      node("Greater", ["x", "zero"], ["more"]),
      node("Not", ["more"], ["less"]),
      node("Log", ["x"], ["log"]),
      node("Where", ["less", "x", "log"], ["y"]),
      node("Cast", ["more"], ["z"], { to: dataTypes.float32 }),
      node("Cast", ["x"], ["whole"], { to: dataTypes.int32 }),
    ],
    inputs: [valueInfo("x", [3])],
    outputs: ["y", "z", "whole"],
    initializers: [floats("zero", [], [0])],
  };
  const results = runModel(model, { x: [-2.5, 1, Math.E] });
  [-2.5, 0, 1].forEach((wanted, at) => {
    expect(results.get("y")!.data[at]).toBeCloseTo(wanted, 6);
  });
  expect([...results.get("z")!.data]).toEqual([0, 1, 1]);
  expect([...results.get("whole")!.data]).toEqual([-2, 1, 2]);
});

test("quantised weights are floats when they are read", () => {
  const bytes = Uint8Array.of(0, 255, 3, 128);
  const graph = readGraph({
    nodes: [
      node("DequantizeLinear", ["q", "scale", "zero"], ["w"], { axis: 0 }),
      node("MatMul", ["x", "w"], ["y"]),
    ],
    inputs: [valueInfo("x", [1, 2])],
    outputs: ["y"],
    initializers: [
      { name: "q", dims: [2, 2], dataType: dataTypes.int8, rawData: bytes },
      floats("scale", [2], [0.5, 2]),
      { name: "zero", dims: [2], dataType: dataTypes.int8, int32Data: [1, -1] },
    ],
  });
  const weight = graph.nodes.find(({ op }) => op === "constant");
  // Turned: the matrix is [(0 − 1)/2, (−1 − 1)/2; (3 + 1) · 2, (−128 + 1) · 2].
  expect(weight?.op === "constant" && [...weight.attrs.data]).toEqual([-0.5, 8, -1, -254]);
});

test("what is computed is quantised to whole numbers of its type", () => {
  const scale = floats("s", [], [0.5]);
  const zero = { name: "z", dims: [], dataType: dataTypes.uint8, int32Data: [10] };
  const data = [-100, 0.2, 0.25, 0.75, 1000];
  expect(run("QuantizeLinear", { shape: [5], data, others: [scale, zero] }).data).toEqual([
    0, 10, 10, 12, 255,
  ]);
});

test("resizing takes scales or sizes, and the plain operator where that is the same", () => {
  const opOf = (attributes: Attributes, others: readonly ReturnType<typeof floats>[]) =>
    readGraph(modelOf("Resize", { shape: [1, 1, 2, 2], attributes, others })).nodes.at(-1)?.op;
  const sizes = [left, left, ints("sizes", [1, 1, 4, 4])];
  const scales = [left, floats("scales", [4], [1, 1, 2, 2])];
  expect(opOf({}, sizes)).toBe("resize");
  expect(opOf({ mode: "linear" }, scales)).toBe("resize");
  expect(opOf({ mode: "cubic" }, sizes)).toBe("resample");
  const aligned = { mode: "linear", coordinate_transformation_mode: "align_corners" };
  expect(opOf(aligned, scales)).toBe("resample");
  const wide = { shape: [3], attributes: { mode: "linear" } };
  const longer = [left, left, ints("sizes", [6])];
  expect(run("Resize", { ...wide, others: longer }).shape).toEqual([6]);
  const old = { shape: [1, 1, 1, 2], attributes: { scales: { floats: [1, 1, 1, 2] } } };
  expect(run("Upsample", { ...old, opset: 7 }).data).toEqual([1, 1, 2, 2]);
});

test("initialisers are read in every encoding", () => {
  const encodings = [
    { dataType: dataTypes.float32, floatData: [1.5, -2] },
    { dataType: dataTypes.float64, doubleData: [1.5, -2] },
    { dataType: dataTypes.float16, int32Data: [0x3e00, 0xc000] },
    { dataType: 16, int32Data: [0x3fc0, 0xc000] },
    { dataType: dataTypes.float16, rawData: Uint8Array.of(0, 0x3e, 0, 0xc0) },
    { dataType: 16, rawData: Uint8Array.of(0xc0, 0x3f, 0, 0xc0) },
    { dataType: dataTypes.float64, rawData: new Uint8Array(Float64Array.of(1.5, -2).buffer) },
  ];
  for (const encoding of encodings) {
    const others = [{ name: "w", dims: [2], ...encoding }];
    expect(run("Mul", { shape: [2], data: [2, 3], others }).data).toEqual([3, -6]);
  }
  const whole = [
    { dataType: dataTypes.int64, int64Data: [3, -1] },
    { dataType: dataTypes.int32, int32Data: [3, -1] },
    { dataType: dataTypes.int8, rawData: Uint8Array.of(3, 255) },
  ];
  for (const encoding of whole) {
    const others = [{ name: "s", dims: [2], ...encoding }];
    expect(run("Reshape", { shape: [6], others }).shape).toEqual([3, 2]);
  }
});

test("data beside the model is read from its offset", () => {
  const numbers = new Uint8Array(Float32Array.of(7, 1, 2).buffer);
  const external = Object.entries({ location: "w.bin", offset: "4", length: "8" });
  const externalData = external.map(([key, value]) => ({ key, value }));
  const tensor = { name: "w", dims: [2], dataType: 1, dataLocation: 1, externalData };
  const model = modelOf("Add", { shape: [2], others: [tensor] });
  const result = runModel(model, { x: [10, 20] }, { files: { "w.bin": numbers } });
  expect([...result.get("y")!.data]).toEqual([11, 22]);
});

test("a chain of shape arithmetic on every kind of operator is a number", () => {
  const graph = readGraph({
    nodes: [
      node("Shape", ["x"], ["s"]),
      node("Slice", ["s", "one", "two"], ["c"]),
      node("Cast", ["c"], ["f"], { to: dataTypes.float32 }),
      node("Mul", ["f", "half"], ["h"]),
      node("Floor", ["h"], ["r"]),
      node("Cast", ["r"], ["i"], { to: dataTypes.int64 }),
      node("ConstantOfShape", ["one"], ["filled"], { value: ints("v", [5]) }),
      node("Equal", ["filled", "i"], ["same"]),
      node("Where", ["same", "filled", "i"], ["k"]),
      node("Concat", ["k", "minus"], ["target"], { axis: 0 }),
      node("Reshape", ["x", "target"], ["y"]),
    ],
    inputs: [valueInfo("x", [4, 7])],
    outputs: ["y"],
    initializers: [
      ints("one", [1]),
      ints("two", [2]),
      ints("minus", [-1]),
      floats("half", [], [0.58]),
    ],
  });
  expect(graph.outputs[0]!.value.type.shape).toEqual([4, 7]);
  expect(graph.nodes.map(({ op }) => op)).not.toContain("binary");
});

test("batch norms of three and five axes are those of an image", () => {
  const numbers = [...noise(4, 3)].map((x) => x + 2);
  const four = ["s", "b", "m", "v"].map((name) => floats(name, [4], numbers));
  for (const shape of [
    [2, 4, 3],
    [1, 4, 2, 3, 2],
    [3, 4],
    [1, 4, 2, 2],
  ]) {
    const size = shape.reduce((product, n) => product * n, 1);
    const data = [...noise(size, 5)];
    const result = run("BatchNormalization", { shape, data, others: four });
    expect(result.shape).toEqual(shape);
    const inner = shape.slice(2).reduce((product, n) => product * n, 1);
    result.data.forEach((y, at) => {
      const p = Math.fround(numbers[Math.floor(at / inner) % 4]!);
      expect(y).toBeCloseTo((p * (data[at]! - p)) / Math.sqrt(p + 1e-5) + p, 5);
    });
  }
});
