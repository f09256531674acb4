import { expect, test } from "vitest";
import { expectClose } from "../../support/close.js";
import { noise } from "../../support/noise.js";
import {
  floats,
  ints,
  node,
  only,
  placeholder,
  read,
  run,
  type Stored,
  said,
  text,
  texts,
  whole,
  wholes,
} from "./read.js";

const input = noise(2 * 3 * 4, 1);
const x = placeholder("x", -1, 2, 3, 4);

/** Nodes behind an input, constants among them. */
function graph(tensors: Readonly<Record<string, Stored>>, ...nodes: ReturnType<typeof node>[]) {
  const constants = Object.keys(tensors).map((name) => node(name, "Const"));
  return { nodes: [x, ...constants, ...nodes], surroundings: { tensors } };
}

const result = (tensors: Readonly<Record<string, Stored>>, ...nodes: ReturnType<typeof node>[]) => {
  const { nodes: all, surroundings } = graph(tensors, ...nodes);
  return only(all, input, surroundings);
};

const point = { strides: wholes(1, 1, 1, 1), dilations: wholes(1, 1, 1, 1), padding: text("SAME") };
const kernel = noise(8, 2);
const sums = (pixel: number, out: number) =>
  [0, 1, 2, 3].reduce((total, k) => total + input[pixel * 4 + k]! * kernel[k * 2 + out]!, 0);

test("a fused convolution adds its bias and activates", () => {
  const tensors = {
    w: floats([1, 1, 4, 2], kernel),
    b: floats([2], [0.5, -0.25]),
    a: floats([1, 1, 2], [0.1, 0.2]),
  };
  const fused = (name: string, inputs: string[], ...ops: string[]) =>
    node(name, "_FusedConv2D", inputs, {
      ...point,
      fused_ops: texts(...ops),
      leakyrelu_alpha: { f: 0.3 },
    });
  const { nodes, surroundings } = graph(
    tensors,
    fused("bias", ["x", "w", "b"], "BiasAdd"),
    fused("relu", ["x", "w", "b"], "BiasAdd", "Relu"),
    fused("leaky", ["x", "w", "b"], "BiasAdd", "LeakyRelu"),
    fused("prelu", ["x", "w", "b", "a"], "BiasAdd", "Prelu"),
  );
  const outputs = run(nodes, [input], surroundings);
  const biased = Array.from(
    { length: 12 },
    (_, i) => sums(Math.floor(i / 2), i % 2) + [0.5, -0.25][i % 2]!,
  );
  expectClose(outputs.get("bias")!.data, biased);
  expectClose(
    outputs.get("relu")!.data,
    biased.map((v) => Math.max(v, 0)),
  );
  expectClose(
    outputs.get("leaky")!.data,
    biased.map((v) => (v < 0 ? 0.3 * v : v)),
  );
  expectClose(
    outputs.get("prelu")!.data,
    biased.map((v, i) => (v < 0 ? v * [0.1, 0.2][i % 2]! : v)),
  );
});

test("shapes that are computed are folded away", () => {
  const tensors = { zero: ints(0), one: ints(1), rest: { ...ints(24), shape: [] } };
  const { data, shape } = result(
    tensors,
    node("s", "Shape", ["x"]),
    node("n", "StridedSlice", ["s", "zero", "one", "one"], { shrink_axis_mask: whole(1) }),
    node("p", "Pack", ["n", "rest"], { axis: whole(0) }),
    node("y", "Reshape", ["x", "p"]),
  );
  expect(shape).toEqual([1, 24]);
  expectClose(data, input);
});

test("arithmetic on shapes rounds towards minus infinity", () => {
  const tensors = { divisor: ints(5), seven: ints(-7), size: ints(24), two: ints(2) };
  // −7 mod 5 = 3, ⌊−7 / 5⌋ = −2, so that 24 / 3 = 8 columns and −2 + 5 = 3 rows are left.
  const { shape } = result(
    tensors,
    node("rest", "FloorMod", ["seven", "divisor"]),
    node("columns", "FloorDiv", ["size", "rest"]),
    node("part", "FloorDiv", ["seven", "divisor"]),
    node("rows", "Add", ["part", "divisor"]),
    node("s", "ConcatV2", ["rows", "columns", "axis0"]),
    node("y", "Reshape", ["x", "s"]),
    node("axis0", "Sub", ["two", "two"]),
  );
  expect(shape).toEqual([3, 8]);
});

test("normalisation written out in arithmetic is a product and a sum", () => {
  const tensors = {
    variance: floats([4], [1, 2, 3, 4]),
    epsilon: floats([], [0.25]),
    gamma: floats([4], [2, 3, 4, 5]),
    shift: floats([4], [1, 2, 3, 4]),
  };
  const { data } = result(
    tensors,
    node("v", "AddV2", ["variance", "epsilon"]),
    node("r", "Rsqrt", ["v"]),
    node("g", "Mul", ["r", "gamma"]),
    node("m", "Mul", ["x", "g"]),
    node("y", "AddV2", ["m", "shift"]),
  );
  const expected = [...input].map(
    (v, i) => (v * ((i % 4) + 2)) / Math.sqrt((i % 4) + 1.25) + (i % 4) + 1,
  );
  expectClose(data, expected);
});

test("depth becomes space in TensorFlow's order of channels, and back", () => {
  const s = { block_size: whole(2) };
  const forth = result({}, node("y", "DepthToSpace", ["x"], s));
  expect(forth.shape).toEqual([1, 4, 6, 1]);
  const expected = Array.from({ length: 24 }, (_, i) => {
    const [row, column] = [Math.floor(i / 6), i % 6];
    const pixel = Math.floor(row / 2) * 3 + Math.floor(column / 2);
    return input[pixel * 4 + (row % 2) * 2 + (column % 2)]!;
  });
  expectClose(forth.data, expected);
  const back = result({}, node("d", "DepthToSpace", ["x"], s), node("y", "SpaceToDepth", ["d"], s));
  expectClose(back.data, input);
});

test("parts, joints and slices count axes and masks as TensorFlow does", () => {
  const tensors = {
    axis: { ...ints(-1), shape: [] },
    sizes: ints(1, -1),
    begin: ints(0, 0, -2, 3),
    end: ints(0, 1, 9, 0),
    step: ints(1, 1, 1, -2),
  };
  const swapped = result(
    tensors,
    node("s", "SplitV", ["x", "sizes", "axis"]),
    node("y", "ConcatV2", ["s:1", "s", "axis"]),
  );
  expectClose(
    swapped.data,
    [...input].map((_, i) => input[i - (i % 4) + (((i % 4) + 1) % 4)]!),
  );
  const { shape, data } = result(
    tensors,
    node("y", "StridedSlice", ["x", "begin", "end", "step"], {
      end_mask: whole(1),
      shrink_axis_mask: whole(2),
    }),
  );
  expect(shape).toEqual([1, 2, 2]);
  expectClose(data, [input[7]!, input[5]!, input[11]!, input[9]!]);
});

test.each([1, 2, 3])("axis %d may be reduced behind a layer that has channels first", (axis) => {
  const pool = { ksize: wholes(1, 1, 1, 1), strides: wholes(1, 1, 1, 1), padding: text("SAME") };
  const tensors = { axis: ints(axis) };
  const { shape, data } = result(
    tensors,
    node("p", "MaxPool", ["x"], pool),
    node("y", "Max", ["p", "axis"]),
  );
  const sizes = [1, 2, 3, 4];
  const stride = [24, 12, 4, 1][axis]!;
  expect(shape).toEqual(sizes.filter((_, at) => at !== axis));
  const firsts = [...input.keys()].filter((at) => Math.floor(at / stride) % sizes[axis]! === 0);
  const expected = firsts.map((at) =>
    Math.max(...Array.from({ length: sizes[axis]! }, (_, i) => input[at + i * stride]!)),
  );
  expectClose(data, expected);
});

test("names of nodes tell the paths of parameters", () => {
  const tensors = {
    "net/conv1/Conv2D/ReadVariableOp": floats([1, 1, 4, 2], kernel),
    "net/conv1/b": floats([2], [1, 2]),
  };
  const { nodes, surroundings } = graph(
    tensors,
    node("net/conv1/Conv2D", "Conv2D", ["x", "net/conv1/Conv2D/ReadVariableOp"], point),
    node("net/conv1/BiasAdd", "BiasAdd", ["net/conv1/Conv2D", "net/conv1/b"]),
  );
  expect([...read(nodes, surroundings).tensors.keys()].sort()).toEqual([
    "conv1.weight",
    "conv1_2.bias",
  ]);
});

test("everything that cannot be compiled is listed at once", () => {
  const { nodes, surroundings } = graph(
    { k: ints(1) },
    node("top", "TopKV2", ["x", "k"]),
    node("product", "MatMul", ["x", "x"]),
    node("after", "Relu", ["top"]),
    node("many", "Where", ["x"]),
  );
  const message = said(nodes, surroundings);
  expect(message).toContain("3 parts of the model cannot be compiled");
  expect(message).toContain('TopKV2 "top": there is no such operator here');
  expect(message).toContain(
    'MatMul "product": it multiplies [1,2,3,4] with [1,2,3,4], not two matrices',
  );
  expect(message).toContain('Where "many"');
});
