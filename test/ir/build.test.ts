import { expect, test } from "vitest";
import { build, buildNode, constantOf } from "../../src/ir/build.js";
import { dataOf, isConstant, scalarOf, withData } from "../../src/ir/constants.js";
import { inOrder } from "../../src/ir/order.js";
import { add, conv, image, input, literal, relu } from "../support/graphs.js";
import { refusalOf } from "../support/meaning.js";

test("nodes and their results are frozen and know each other", () => {
  const node = buildNode("split", { input: image(2, 2) }, { axis: 1, sizes: [1, 1] });
  expect(Object.isFrozen(node) && Object.isFrozen(node.results)).toBe(true);
  expect(node.results.map(({ index }) => index)).toEqual([0, 1]);
  expect(node.results.every((value) => value.node === node && Object.isFrozen(value))).toBe(true);
});

test("tensors have at most six axes and 2^31 elements, and only what is given may be empty", () => {
  expect(input([1, 1, 1, 1, 1, 1]).type.shape.length).toBe(6);
  expect(refusalOf(() => input([1, 1, 1, 1, 1, 1, 1]))).toMatch("more than 6 axes");
  expect(input([2 ** 16, 2 ** 15]).type.shape).toEqual([65536, 32768]);
  expect(refusalOf(() => input([2 ** 16, 2 ** 15 + 1]))).toBe(
    "tensor-too-large: input: a tensor of the shape [65536,32769] has more than 2147483648 elements, the most there can be",
  );
  expect(refusalOf(() => input([2 ** 53, 2 ** 53, 2 ** 53]))).toMatch("tensor-too-large");
  expect(input([3, 0]).type.shape).toEqual([3, 0]);
  expect(refusalOf(() => relu(input([3, 0])))).toMatch("the shape [3,0], which has no elements");
  expect(refusalOf(() => input([2.5]))).toMatch("empty-tensor");
});

test("a constant holds as many numbers as its shape", () => {
  expect(() => constantOf([2, 2], new Float32Array(3))).toThrow("holds 3 numbers");
});

test("constants are read and replaced keeping role and name", () => {
  const w = constantOf([2], Float32Array.of(1, 2), "statistic", { name: "m" });
  expect(isConstant(w)).toBe(true);
  expect(dataOf(w)).toEqual(Float32Array.of(1, 2));
  expect([dataOf(image(1, 1)), scalarOf(w), scalarOf(literal([1], [3]))]).toEqual([
    undefined,
    undefined,
    3,
  ]);
  const other = withData(w, Float32Array.of(3, 4), [1, 2]);
  expect(other.type.shape).toEqual([1, 2]);
  expect(other.node).toMatchObject({ name: "m", attrs: { role: "statistic" } });
  expect(withData(w, Float32Array.of(1, 2))).toBe(w);
  expect(withData(literal([1], [0]), Float32Array.of(-0)).node).not.toBe(undefined);
});

test("inOrder puts operands first and leaves out what is known", () => {
  const x = image(2, 2);
  const shared = relu(x);
  const sum = add(shared, conv(shared, 2));
  const order = inOrder([sum.node]);
  const place = new Map(order.map((node, index) => [node, index]));
  expect(order.length).toBe(6);
  expect(place.get(x.node)!).toBeLessThan(place.get(shared.node)!);
  expect(order.at(-1)).toBe(sum.node);
  expect(inOrder([sum.node], (node) => node === shared.node).map(({ op }) => op)).toEqual([
    "constant",
    "constant",
    "conv2d",
    "binary",
  ]);
});

test("a hundred thousand nodes in a row are put in order", () => {
  let value = build("input", {}, { name: "x", type: { element: "f32", shape: [] } });
  for (let i = 0; i < 100_000; i++) value = relu(value);
  expect(inOrder([value.node]).length).toBe(100_001);
});
