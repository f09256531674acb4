import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { add, image, input, linear, literal, relu, returns, split } from "../support/graphs.js";

test("outputs come by name, inputs by name", () => {
  const [a, b] = [input([2], "a"), input([2], "b")];
  const graph = returns(add(a, b), relu(a));
  const inputs = new Map([
    ["b", Float32Array.of(10, 20)],
    ["a", Float32Array.of(-1, 2)],
  ]);
  const outputs = evaluate(graph, inputs);
  expect([...outputs.keys()]).toEqual(["y0", "y1"]);
  expect([...outputs.get("y0")!.data]).toEqual([9, 22]);
  expect([...outputs.get("y1")!.data]).toEqual([0, 2]);
});

test("sums stay in float64", () => {
  const x = literal([1, 3], [2 ** 30, 1, -(2 ** 30)]);
  const operands = { input: x, weight: literal([1, 3], [1, 1, 1]), bias: undefined, extras: [] };
  const y = build("linear", operands, { epilogue: [] });
  expect([...evaluate(returns(y), new Map()).get("y")!.data]).toEqual([1]);
});

test("a value read late and an input read as output are still there", () => {
  const x = input([1, 2]);
  const [first, second] = split(x, [1, 1]);
  const late = add(relu(relu(relu(first!))), first!);
  const outputs = evaluate(returns(late, x, second!), new Map([["x", Float32Array.of(3, -4)]]));
  expect([...outputs.values()].map(({ data }) => [...data])).toEqual([[6], [3, -4], [-4]]);
});

test("an input that is missing or has another length is named", () => {
  const graph = returns(linear(input([1, 3]), 2));
  expect(() => evaluate(graph, new Map())).toThrow("input x is f32[1,3], but nothing is given");
  expect(() => evaluate(graph, new Map([["x", new Float32Array(2)]]))).toThrow(
    "input x is f32[1,3], but 2 numbers are given",
  );
});

test("an unbound parameter has no value", () => {
  const w = build("parameter", {}, { path: "w", role: "parameter", shape: [1] });
  expect(() =>
    evaluate(returns(add(w, image(1, 1))), new Map([["x", Float32Array.of(1)]])),
  ).toThrow("a parameter has no value before weights are bound");
});
