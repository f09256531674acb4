import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Report } from "../../../src/diagnostics/report.js";
import { checkNames, elaborateFile, elaborateText } from "../../../src/dsl/elaborate.js";
import { print } from "../../../src/dsl/format.js";
import { languageNames } from "../../../src/dsl/language-names.js";
import { writeCnn } from "../../../src/import/write-cnn/write-cnn.js";
import { build, constantOf } from "../../../src/ir/build.js";
import { evaluate } from "../../../src/ir/evaluate.js";
import { type Graph, type Node, operandsOf, type Value } from "../../../src/ir/graph.js";
import { graphOf } from "../../../src/ir/order.js";
import { mapGraph } from "../../../src/ir/rewrite.js";
import { sizeOf } from "../../../src/ir/types.js";
import { expectClose } from "../../support/close.js";
import * as g from "../../support/graphs.js";
import { noise } from "../../support/noise.js";

const root = path.join(import.meta.dirname, "..", "..", "..");
const examples = readdirSync(path.join(root, "examples"));

/** A graph written as text and read again, with the values that its parameters stand for. */
function written(graph: Graph): { text: string; graph: Graph; tensors: Map<string, Value> } {
  const report = new Report();
  const model = writeCnn(graph, "model.safetensors", languageNames, report);
  report.throwIfErrors();
  const text = print(model!.tree);
  const again = elaborateText(text, "/model.cnn", { root: "/", batch: model!.batch }, report);
  report.throwIfErrors();
  const tensors = new Map(model!.tensors.map(({ path: at, value }) => [at, value]));
  expect(tensors.size).toBe(model!.tensors.length);
  return { text, graph: again!.graph, tensors };
}

/** A digest of what each output is made of, parameters by what they stand for. */
function meaningOf(graph: Graph, pathOf: (node: Node) => string): string[] {
  const digests = new Map<Node, string>();
  const of = ({ node, index }: Value): string => `${digests.get(node)}.${index}`;
  for (const node of graph.nodes) {
    const types = node.results.map(({ type }) => type);
    const own = node.op === "parameter" ? pathOf(node) : JSON.stringify([node.attrs, types]);
    const text = `${node.op} ${own} ${operandsOf(node).map(of).join(" ")}`;
    digests.set(node, createHash("sha256").update(text).digest("hex"));
  }
  return graph.outputs.map(({ name, value }) => `${name} ${of(value)}`);
}

describe("an example, written again", () => {
  const inside = { read: (at: string) => new Uint8Array(readFileSync(at)), root };
  const models = examples.flatMap((name) => {
    const file = path.join(root, "examples", name, `${name}.cnn`);
    return checkNames(file, inside, new Report()).map((model) => [model, name, file] as const);
  });

  test.each(models)("%s of %s is the same network", (model, _, file) => {
    const report = new Report();
    const { graph } = elaborateFile(file, { ...inside, model, batch: 1 }, report)!;
    report.throwIfErrors();
    const again = written(graph);
    const own = (node: Node): string => (node.op === "parameter" ? node.attrs.path : "");
    const source = (node: Node): string => own(again.tensors.get(own(node))!.node);
    const count = (nodes: readonly Node[]) => nodes.filter(({ op }) => op !== "constant").length;
    expect(count(again.graph.nodes)).toBe(count(graph.nodes));
    expect(meaningOf(again.graph, source)).toEqual(meaningOf(graph, own));
  });
});

/** What a graph computes on noise, and what its text computes. */
function expectSame(graph: Graph): string {
  const again = written(graph);
  const bound = mapGraph(again.graph, (node) => {
    if (node.op !== "parameter") return undefined;
    const constant = again.tensors.get(node.attrs.path)!.node;
    if (constant.op !== "constant") throw new Error("the tests bind constants");
    return constantOf(node.attrs.shape, constant.attrs.data, "parameter");
  });
  const feeds = new Map(
    graph.inputs.map(({ name, value }, i) => [name, noise(sizeOf(value.type.shape), i + 1)]),
  );
  expectClose(evaluate(bound, feeds), evaluate(graph, feeds), 1e-12);
  return again.text;
}

const graphTo = (...outputs: Value[]): Graph =>
  graphOf({
    name: "a net/1",
    inputs: [{ name: "x:0", value: x }],
    outputs: outputs.map((value, i) => ({ name: `out ${i}`, value })),
    grants: [],
  });
const x = g.input([2, 4, 6, 5], "x:0");

const pairOf = ([a, b]: readonly Value[]): [Value, Value] => [a!, b!];

/** The input with slopes of a shape below 0. */
const slopes = (shape: readonly number[]): Value =>
  g.binary("prelu", x, g.weights(shape, 3, "", "literal"));

const padded = (before: readonly number[], after: readonly number[], value: number): Value =>
  build("pad", { input: x }, { before, after, mode: "constant", value });

describe("a graph", () => {
  test("with constants, names that are none, and a sum of what arrives", () => {
    const scaled = g.mul(x, g.literal([1, 4, 1, 1], [1, -2, 3, 0.5]));
    const body = g.relu(g.conv(scaled, 4, { kernel: [3, 3], pads: [1, 1, 1, 1] }));
    const text = expectSame(graphTo(g.add(g.conv(body, 4, { kernel: [1, 1] }), scaled)));
    expect(text).toContain("residual {");
    expect(text).toContain("parameter(4, 1, 1)");
    expect(text).toContain('input "x:0" as x_0: f32[4, 6, 5]');
  });

  test("whose values are read far away names them", () => {
    const skip = g.relu(g.conv(x, 3, { kernel: [1, 1] }));
    const deep = g.relu(g.conv(g.relu(g.conv(skip, 5, { kernel: [1, 1] })), 3, { kernel: [1, 1] }));
    const text = expectSame(graphTo(g.add(deep, skip), skip));
    expect(text).toContain("let ");
  });

  test("with numbers, negation and division", () => {
    const two = g.literal([1], [2]);
    const value = g.binary(
      "div",
      two,
      g.add(g.unary(x, { kind: "sigmoid" }), g.literal([], [1.5])),
    );
    expectSame(graphTo(g.unary(value, { kind: "neg" })));
  });

  test("with hard sigmoids of any slope, and limits on one side", () => {
    const steep = g.unary(x, { kind: "hardSigmoid", slope: 0.2, offset: 0.4 });
    const usual = g.unary(x, { kind: "hardSigmoid", slope: 1 / 6, offset: 0.5 });
    const below = g.unary(x, { kind: "clip", min: Number.NEGATIVE_INFINITY, max: 0.25 });
    const above = g.unary(x, { kind: "clip", min: -0.25, max: Number.POSITIVE_INFINITY });
    const text = expectSame(graphTo(steep, usual, below, above));
    expect(text).toContain("hardsigmoid(slope=0.2, offset=0.4)");
    expect(text).toContain("hardsigmoid\n");
  });

  test.each<readonly [string, Value, string]>([
    ["a sum of the batch", g.reduce(x, "sum", [0, 2], false), "sum(batch, 1)"],
    [
      "extremes",
      g.reduce(g.reduce(x, "max", [1]), "min", [3], false),
      "amax(0, keepdims=true) -> amin(2)",
    ],
    ["a softmax along the batch", g.softmax(x, 0), "softmax(axis=batch)"],
    ["a part read backwards", g.slice(x, 2, 5, 2, -3), "slice(1, 2, 6, step=3) -> flip(1)"],
    ["all of the batch turned round", g.slice(x, 0, 1, 2, -1), "  flip(batch)"],
    ["another batch", g.reshape(x, 8, 30), "reshape(30, batch=8)"],
    ["one axis", g.reshape(x, 240), "reshape(batch=240)"],
    ["a single number", g.reduce(x, "mean", [0, 1, 2, 3], false), "mean(batch, 0, 1, 2)"],
    ["the batch moved", g.transpose(x, 1, 0, 3, 2), "transpose(0, batch, 2, 1)"],
    ["batches joined", g.concat([x, g.relu(x), x], 0), "axis=batch)"],
    ["parts of the batch", g.add(...pairOf(g.split(x, [1, 1], 0))), "split(2, axis=batch)"],
    ["a slope for each column", slopes([5]), "leak(it, tensor1: parameter(1, 1, 5))"],
    ["a slope for each image", slopes([2, 1, 1, 1]), "parameter(1, 1, 1, batch=2)"],
    ["one axis padded", padded([1, 0, 0, 0], [0, 2, 0, 0], 0.5), "pad_axis(batch, 1, 0"],
    ["an infinite border", g.relu(padded([0, 0, 1, 1], [0, 0, 1, 0], -Infinity)), "value=lowest"],
    [
      "less axes beside more",
      g.mul(g.reduce(x, "mean", [0, 1], false), x),
      "reshape(1, 6, 5, batch=1)",
    ],
    [
      "tensors only",
      g.add(g.literal([2, 1], [3, 4]), g.literal([5], [1, 2, 3, 4, 5])),
      "add(tensor1: parameter(1, batch=2)",
    ],
  ])("with %s", (_, value, words) => {
    expect(expectSame(graphTo(value, x))).toContain(words);
  });

  test("of several batches says at each input how many there are", () => {
    const inputs = [g.input([3, 5], "a"), g.input([5], "b"), g.input([], "c")] as const;
    const value = g.add(g.mul(inputs[0], inputs[1]), inputs[2]);
    const text = expectSame({
      ...graphOf({ name: "sums", inputs: [], outputs: [{ name: "y", value }], grants: [] }),
      inputs: inputs.map((input, i) => ({ name: "abc"[i]!, value: input })),
    });
    expect(text).toContain("input a: f32[5] { batch = 3 }");
    expect(text).toContain("input b: f32[] { batch = 5 }");
    expect(text).toContain("input c: f32[] { batch = none }");
  });

  test("of bytes reads them as they are", () => {
    const bytes = build("input", {}, { name: "x", type: { element: "u8", shape: [2, 3, 4, 4] } });
    const value = g.relu(build("cast", { input: bytes }, { to: "f32" }));
    const text = expectSame({ ...graphTo(value), inputs: [{ name: "x", value: bytes }] });
    expect(text).toContain("u8[3, 4, 4] { range = [0, 255] }");
  });

  test("that the language has no words for is refused, every node named", () => {
    const report = new Report();
    const steep = { kind: "leakyRelu", slope: Number.POSITIVE_INFINITY } as const;
    const odd = g.unary(g.unary(x, steep), steep);
    expect(writeCnn(graphTo(odd), "w", languageNames, report)).toBeUndefined();
    expect(report.diagnostics[0]?.message).toContain("2 of its nodes");
  });
});
