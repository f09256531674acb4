import { expect, test } from "vitest";
import { build } from "../../src/ir/build.js";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { removeIdentities } from "../../src/passes/remove-identities.js";
import * as g from "../support/graphs.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

const clip = (value: Value, min: number, max: number) => g.unary(value, { kind: "clip", min, max });
const neg = (value: Value) => g.unary(value, { kind: "neg" });
const abs = (value: Value) => g.unary(value, { kind: "abs" });
const one = g.literal([], [1]);
const zeros = g.literal([1, 3, 1, 1], [0, 0, 0]);

/** Each yields its argument. */
const identities: [string, (x: Value) => Value][] = [
  ["dropout", (x) => g.dropout(x)],
  ["a reshape to the same shape", (x) => g.reshape(x, ...x.type.shape)],
  ["a transposition that moves nothing", (x) => g.transpose(x, 0, 1, 2, 3)],
  ["a pad by nothing", (x) => g.pad(x, 0, "reflect")],
  ["a slice of everything", (x) => g.slice(x, 1, 0, 3)],
  ["a concatenation of one", (x) => g.concat([x])],
  ["a split into one", (x) => g.split(x, [3])[0]!],
  ["a resize to the same size", (x) => g.resize(x, [4, 5], "bilinear")],
  ["a max-pool of one element", (x) => g.maxPool(x, { kernel: 1 })],
  ["an average pool of one element", (x) => g.avgPool(x, { kernel: 1, countIncludePad: false })],
  ["a cast of floats", (x) => build("cast", { input: x }, { to: "f32" })],
  ["a shuffle in one group", (x) => g.shuffle(x, 1)],
  ["a shuffle of single channels", (x) => g.shuffle(x, 3)],
  ["a pixel shuffle by one", (x) => g.pixelShuffle(x, 1)],
  ["a sum with zeros", (x) => g.add(zeros, x)],
  ["a difference with zeros", (x) => g.binary("sub", x, zeros)],
  ["a product with one", (x) => g.mul(x, one)],
  ["a quotient by one", (x) => g.binary("div", x, one)],
  ["a power of one", (x) => g.binary("pow", x, one)],
  ["a prelu with slope one", (x) => g.binary("prelu", x, one)],
  ["a double negation", (x) => neg(neg(x))],
];

test.each(identities)("%s is removed", (_, make) => {
  const x = g.image(3, 4, 5);
  const graph = g.returns(g.unary(make(x), { kind: "tanh" }));
  const cleaned = runPass(removeIdentities, graph);
  expect(printGraph(cleaned)).toBe(printGraph(g.returns(g.unary(x, { kind: "tanh" }))));
  expectSameMeaning(cleaned, graph, 0);
});

test.each<[string, (x: Value) => Value, (x: Value) => Value]>([
  ["a second relu", (x) => g.relu(x), (x) => g.relu(x)],
  ["a relu of numbers clipped at zero", (x) => clip(x, 0, 1), (x) => g.relu(x)],
  ["a wider clip", (x) => clip(x, -1, 1), (x) => clip(x, -1, 2)],
  ["an absolute value of a root", (x) => g.unary(x, { kind: "sqrt" }), abs],
  [
    "a leaky relu of a hard sigmoid",
    (x) => g.unary(x, { kind: "hardSigmoid", slope: 0.2, offset: 0.5 }),
    (x) => g.unary(x, { kind: "leakyRelu", slope: 0.1 }),
  ],
])("%s is removed", (_, inner, outer) => {
  const x = g.image(3, 4, 5);
  const cleaned = runPass(removeIdentities, g.returns(outer(inner(x))));
  expect(printGraph(cleaned)).toBe(printGraph(g.returns(inner(x))));
});

test.each<[string, (x: Value) => Value]>([
  ["a transposition of equal sides", (x) => g.transpose(x, 0, 1, 3, 2)],
  ["a reversed slice", (x) => g.slice(x, 2, 3, 4, -1)],
  ["a padded pool", (x) => g.slice(g.maxPool(x, { kernel: 2, stride: 1, pads: 1 }), 2, 0, 4)],
  ["a pool that keeps the size", (x) => g.maxPool(x, { kernel: 3, stride: 1, pads: 1 })],
  ["a split into two", (x) => g.concat([...g.split(x, [1, 3])].reverse())],
  ["a shuffle", (x) => g.shuffle(x, 2)],
  ["a difference from zero", (x) => g.binary("sub", g.literal([], [0]), x)],
  ["a sum with numbers that are not all zero", (x) => g.add(x, g.literal([4], [0, 0, 0, 1]))],
  ["a sum that grows the shape", (x) => g.add(x, g.literal([2, 1, 1, 1], [0, 0]))],
  ["a clip that ends lower", (x) => clip(clip(x, -1, 1), -2, 0.5)],
  ["a narrower clip", (x) => clip(clip(x, -1, 1), -0.5, 1)],
  ["a relu of a negation", (x) => g.relu(neg(x))],
  ["a negation of an absolute value", (x) => neg(abs(x))],
])("%s is left alone", (_, make) => {
  const graph = g.returns(make(g.image(4, 4)));
  expect(runPass(removeIdentities, graph)).toBe(graph);
});

test("a cast of bytes is left alone", () => {
  const type = { element: "u8", shape: [1, 3] } as const;
  const bytes = build("input", {}, { name: "x", type });
  const graph = g.returns(build("cast", { input: bytes }, { to: "f32" }));
  expect(runPass(removeIdentities, graph)).toBe(graph);
});
