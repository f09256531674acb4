import { describe, expect, test } from "vitest";
import { writeOnnx } from "../../src/export/onnx/write-onnx.js";
import { build } from "../../src/ir/build.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { graphOf } from "../../src/ir/order.js";
import { modelType } from "../../src/onnx/proto.js";
import {
  avgPool,
  conv,
  image,
  lrn,
  maxPool,
  relu,
  returns,
  slice,
  split,
} from "../support/graphs.js";

interface Decoded {
  readonly graph: {
    readonly node: readonly {
      readonly opType: string;
      readonly input?: readonly string[];
      readonly output: readonly string[];
    }[];
    readonly initializer: readonly { readonly name: string; readonly rawData: Uint8Array }[];
    readonly input: readonly { readonly name: string }[];
    readonly output: readonly { readonly name: string }[];
  };
}

function decode(graph: Graph): Decoded["graph"] {
  const type = modelType();
  const options = { longs: Number, bytes: Uint8Array };
  return (type.toObject(type.decode(writeOnnx(graph)), options) as Decoded).graph;
}

const operatorsOf = (graph: Graph): string[] => decode(graph).node.map(({ opType }) => opType);

describe("a written ONNX model", () => {
  test("reads every name after it is given, and gives each once", () => {
    const [left, right] = split(relu(conv(image(3, 8), 4)), [1, 3]) as [Value, Value];
    const { node, initializer, input, output } = decode(returns(left, slice(right, 1, 2, 1, -1)));
    const given = new Set([...input, ...initializer].map(({ name }) => name));
    for (const { input: read = [], output: written } of node) {
      for (const name of read) expect(name === "" || given.has(name)).toBe(true);
      for (const name of written) {
        expect(given.has(name)).toBe(false);
        given.add(name);
      }
    }
    for (const { name } of output) expect(given.has(name)).toBe(true);
  });

  test("keeps the names of inputs and outputs, whatever nodes are called", () => {
    const x = image(2, 4);
    const named = build("unary", { input: x }, { fn: { kind: "relu" } }, { name: "y" });
    const graph = graphOf({ ...returns(named), outputs: [{ name: "y", value: named }] });
    const { input, output } = decode(graph);
    expect(input.map(({ name }) => name)).toEqual(graph.inputs.map(({ name }) => name));
    expect(output.map(({ name }) => name)).toEqual(["y"]);
  });

  test("gives an output that is an input a node of its own", () => {
    const x = image(2, 4);
    expect(operatorsOf(returns(x))).toEqual(["Identity"]);
  });

  test("stores weights as little-endian float32", () => {
    const graph = returns(conv(image(1, 4), 1, { bias: false, kernel: 1, pads: 0 }));
    const weight = graph.nodes.find(({ op }) => op === "constant");
    const { initializer } = decode(graph);
    const bytes = Uint8Array.from(initializer[0]?.rawData ?? []);
    expect(weight?.op === "constant" && [...weight.attrs.data]).toEqual([
      ...new Float32Array(bytes.buffer),
    ]);
  });

  test.each([
    ["an average over padding", avgPool(image(2, 6), { pads: 1 }), ["Pad", "AveragePool"]],
    ["a dilated average", avgPool(image(2, 8), { dilation: 2 }), ["Conv", "Div"]],
    ["a plain maximum", maxPool(image(2, 8)), ["MaxPool"]],
    ["an odd response window", lrn(image(5, 4), 3), ["LRN"]],
  ])("%s is written as the operators that mean it", (_, value, operators) => {
    expect(operatorsOf(returns(value))).toEqual([...operators, "Identity"]);
  });

  test("an even response window is written by its formula", () => {
    expect(operatorsOf(returns(lrn(image(5, 4), 4)))).not.toContain("LRN");
  });
});
