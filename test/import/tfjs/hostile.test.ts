import { expect, test } from "vitest";
import { CompileError } from "../../../src/diagnostics/report.js";
import { noise, random } from "../../support/noise.js";
import {
  floats,
  layer,
  manifestOf,
  node,
  placeholder,
  readBytes,
  said,
  sequential,
  whole,
  wholes,
} from "./read.js";

const relu = layer("ReLU", "r");

/** Models in models. */
const nested = (depth: number): object =>
  depth === 0 ? relu : { ...sequential([1, 2], nested(depth - 1)) };

test.each([
  ["nothing", {}, "CNN550"],
  ["a list of nothing", [], "CNN550"],
  ["a model without layers", { class_name: "Sequential", config: { layers: [] } }, "CNN550"],
  ["layers that are no list", { class_name: "Sequential", config: { layers: 3 } }, "CNN550"],
  ["a negative size", sequential([1, -2], relu), "CNN550"],
  ["an overflowing size", sequential([1, 2 ** 40], relu), "CNN830"],
  ["seven axes", sequential([1, 2, 2, 2, 2, 2, 2], relu), "CNN831"],
  [
    "a kernel of fractions",
    sequential([1, 4, 4, 1], layer("Conv2D", "c", { filters: 1, kernel_size: [1.5, 2] })),
    "CNN550",
  ],
  [
    "a kernel larger than the image",
    sequential([1, 4, 4, 1], layer("Conv2D", "c", { filters: 1, kernel_size: 9 })),
    "CNN3",
  ],
  [
    "filters without end",
    sequential([1, 4, 4, 1], layer("Conv2D", "c", { filters: 1e15, kernel_size: 1 })),
    "CNN830",
  ],
  [
    "upsampling without end",
    sequential([1, 4, 4, 1], layer("UpSampling2D", "u", { size: 1e6 })),
    "CNN830",
  ],
  ["copies without end", sequential([1, 4], layer("RepeatVector", "v", { n: 1e9 })), "CNN552"],
  [
    "a reshape that does not fit",
    sequential([1, 4], layer("Reshape", "v", { target_shape: [3, -1] })),
    "CNN",
  ],
  [
    "an order of axes that is none",
    sequential([1, 4, 3], layer("Permute", "v", { dims: [1, 1] })),
    "CNN552",
  ],
  ["an axis that is not there", sequential([1, 4], layer("Softmax", "v", { axis: 7 })), "CNN552"],
  ["models in models without end", nested(40), "CNN550"],
  ["a layer called __proto__", sequential([1, 4], layer("__proto__", "__proto__")), "CNN552"],
  [
    "nodes in a circle",
    [
      placeholder("x", 1, 2),
      node("a", "Add", ["x", "b"]),
      node("b", "Relu", ["a"]),
      node("y", "Relu", ["b"]),
    ],
    "CNN550",
  ],
  ["a node that takes a stranger", [node("a", "Relu", ["x"])], "CNN550"],
  ["two nodes of one name", [placeholder("x", 1, 2), placeholder("x", 1, 2)], "CNN550"],
  ["a graph without outputs", [node("c", "Const")], "CNN550"],
  [
    "an attribute of another type",
    [placeholder("x", 1, 2, 2, 4), node("y", "DepthToSpace", ["x"], { block_size: { i: "many" } })],
    "CNN550",
  ],
  [
    "blocks of nothing",
    [placeholder("x", 1, 2, 2, 4), node("y", "DepthToSpace", ["x"], { block_size: whole(0) })],
    "CNN552",
  ],
  ["operands that are missing", [placeholder("x", 1, 2), node("y", "Add", ["x"])], "CNN552"],
  [
    "a split into nothing",
    [placeholder("x", 1, 2), node("y", "Split", ["x", "x"], { num_split: whole(0) })],
    "CNN552",
  ],
  [
    "strides of other axes",
    [
      placeholder("x", 1, 4, 4, 1),
      node("y", "MaxPool", ["x"], { ksize: wholes(1, 2, 2, 2), strides: wholes(1, 1, 1, 1) }),
    ],
    "CNN552",
  ],
] as const)("%s ends in a diagnostic", (_, topology, code) => {
  expect(said(topology)).toContain(code);
});

test.each([
  ["text", "<html>"],
  ["half a file", '{"modelTopology": {"class_na'],
  ["lists in lists without end", "[".repeat(100_000)],
  ["another kind of JSON", "[1, 2, 3]"],
])("%s ends in a diagnostic", (_, text) => {
  expect(() => readBytes(new TextEncoder().encode(text), {})).toThrow(CompileError);
});

test("a manifest that lies about sizes is told", () => {
  const model = sequential([1, 3], layer("Dense", "a", { units: 2 }));
  const { manifest, files } = manifestOf({ "a/kernel": floats([3, 2], noise(6, 1)) });
  const lie = (shape: unknown) => {
    const text = JSON.stringify({ modelTopology: model, weightsManifest: manifest });
    return new TextEncoder().encode(
      text.replace('"shape":[3,2]', `"shape":${JSON.stringify(shape)}`),
    );
  };
  for (const shape of [[3, 3], [-3, 2], [2 ** 40, 2], [1, 1, 1, 1, 1, 1, 6], "six", [3.5]]) {
    expect(() => readBytes(lie(shape), files)).toThrow(/CNN55[01]/);
  }
});

test("files with a few bytes changed are read or refused, and nothing else", () => {
  const conv = layer("Conv2D", "a", {
    filters: 2,
    kernel_size: [2, 2],
    padding: "same",
    strides: [1, 1],
  });
  const layers = sequential(
    [1, 4, 4, 1],
    conv,
    layer("MaxPooling2D", "p", { pool_size: 2 }),
    layer("Flatten", "f"),
    layer("Dense", "d", { units: 2 }),
  );
  const graph = [
    placeholder("x", 1, 4, 4, 1),
    node("w", "Const"),
    node("c", "Conv2D", ["x", "w"], { strides: wholes(1, 1, 1, 1), padding: { s: "U0FNRQ==" } }),
    node("y", "DepthToSpace", ["c"], { block_size: whole(1) }),
  ];
  const { manifest, files } = manifestOf({ w: floats([2, 2, 1, 1], noise(4, 1)) });
  const next = random(2027);
  const ends = { read: 0, refused: 0 };
  for (let round = 0; round < 400; round++) {
    const modelTopology = round % 2 === 0 ? layers : { node: graph };
    const bytes = new TextEncoder().encode(
      JSON.stringify({ modelTopology, weightsManifest: manifest }),
    );
    for (let at = 0; at <= round % 3; at++) {
      bytes[Math.floor(next() * bytes.length)] = 32 + Math.floor(next() * 95);
    }
    try {
      readBytes(bytes, files);
      ends.read++;
    } catch (error) {
      if (!(error instanceof CompileError)) throw new Error(`round ${round}`, { cause: error });
      ends.refused++;
    }
  }
  expect(Math.min(ends.read, ends.refused)).toBeGreaterThan(20);
});
