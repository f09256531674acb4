import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Report } from "../../../src/diagnostics/report.js";
import { formatOf } from "../../../src/formats.js";
import { importModel } from "../../../src/import-model.js";
import type { AttributeValue, ModelParts } from "../../support/onnx-model.js";
import { floats, ints, node, onnxModel, valueInfo } from "../../support/onnx-model.js";
import { readBytes, runModel } from "./read.js";

const x = valueInfo("x", [1, 2]);
const image = valueInfo("x", [1, 2, 4, 4]);
const relu = node("Relu", ["x"], ["y"]);
const add = node("Add", ["x", "w"], ["y"]);

const model = (parts: Partial<ModelParts>): Uint8Array =>
  onnxModel({ nodes: [relu], inputs: [x], outputs: ["y"], ...parts });

/** A model that adds a tensor of two numbers, of which something is wrong. */
const adding = (tensor: Partial<ReturnType<typeof floats>>): Uint8Array =>
  model({ nodes: [add], initializers: [{ name: "w", dims: [2], dataType: 1, ...tensor }] });

const raw = (length: number) => ({ rawData: new Uint8Array(length) });

/** A model of one node with an image and constants. */
const one = (
  op: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  ...constants: ReturnType<typeof floats>[]
): Uint8Array =>
  model({
    nodes: [node(op, ["x", ...constants.map(({ name = "" }) => name)], ["y"], attributes)],
    inputs: [image],
    initializers: constants,
  });

const kernel = floats("w", [2, 2, 3, 3], new Float32Array(36));
const large = 2 ** 40;

test.each([
  ["negative dimension of a tensor", adding({ dims: [-2], ...raw(8) }), "CNN511"],
  ["dimensions whose product overflows", adding({ dims: [2 ** 32, 2 ** 32], ...raw(8) }), "CNN511"],
  ["a dimension of 2^62", adding({ dims: [2 ** 62], ...raw(8) }), "CNN511"],
  ["a dimension of 2^62 beside one of 0", adding({ dims: [2 ** 62, 0], ...raw(0) }), "CNN511"],
  ["raw data that are too short", adding(raw(7)), "CNN511"],
  ["raw data that are too long", adding(raw(12)), "CNN511"],
  ["raw data that are not there", adding(raw(0)), "CNN511"],
  ["typed numbers that are too few", adding({ floatData: [1] }), "CNN511"],
  ["typed numbers that are too many", adding({ floatData: [1, 2, 3] }), "CNN511"],
  ["halves that are too few", adding({ dataType: 10, int32Data: [1] }), "CNN511"],
  ["an element type that there is not", adding({ dataType: 99, ...raw(8) }), "CNN511"],
  [
    "two tensors of one name",
    model({ nodes: [add], initializers: [floats("w", [2], [1, 2]), floats("w", [2], [3, 4])] }),
    "CNN511",
  ],
  ["two nodes that give one value", model({ nodes: [relu, node("Abs", ["x"], ["y"])] }), "CNN512"],
  ["a node that gives an input", model({ nodes: [relu, node("Abs", ["y"], ["x"])] }), "CNN512"],
  ["two inputs of one name", model({ inputs: [x, x] }), "CNN512"],
  ["two outputs of one name", model({ outputs: ["y", "y"] }), "CNN512"],
  ["a node that reads itself", model({ nodes: [node("Add", ["x", "y"], ["y"])] }), "CNN512"],
  [
    "three nodes in a circle",
    model({
      nodes: [
        node("Add", ["x", "c"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Abs", ["b"], ["c"]),
        node("Relu", ["c"], ["y"]),
      ],
    }),
    "CNN512",
  ],
  ["a value that nothing gives", model({ nodes: [node("Relu", ["z"], ["y"])] }), "CNN512"],
  ["an output that nothing gives", model({ outputs: ["z"] }), "CNN512"],
  ["a domain that nobody knows", model({ nodes: [{ ...relu, domain: "com.example" }] }), "CNN513"],
  [
    "an operator set of the far future",
    model({ nodes: [node("Relu9", ["x"], ["y"])], opset: large }),
    "CNN513",
  ],
  ["an input with a negative size", model({ inputs: [valueInfo("x", [1, -7])] }), "CNN515"],
  ["an input that is too large", model({ inputs: [valueInfo("x", [large, large])] }), "CNN830"],
  ["an input of ten axes", model({ inputs: [valueInfo("x", Array(10).fill(1))] }), "CNN831"],
  ["an input of text", model({ inputs: [valueInfo("x", [1, 2], 8)] }), "CNN514"],
  ["a stride of 0", one("Conv", { strides: [0, 0] }, kernel), "CNN"],
  ["a negative dilation", one("Conv", { dilations: [-1, -1] }, kernel), "CNN"],
  ["a kernel without end", one("MaxPool", { kernel_shape: [large, large] }), "CNN"],
  ["strides without end", one("MaxPool", { kernel_shape: [2, 2], strides: [-large, 1] }), "CNN"],
  ["pads without end", one("MaxPool", { kernel_shape: [2, 2], pads: [large, 0, 0, 0] }), "CNN"],
  ["groups of nothing", one("Conv", { group: 0 }, kernel), "CNN"],
  ["an axis that is not there", one("Concat", { axis: 2 ** 31 }), "CNN513"],
  ["a negative block size", one("DepthToSpace", { blocksize: -1 }), "CNN"],
  ["an order of axes with one twice", one("Transpose", { perm: [0, 0, 1, 2] }), "CNN"],
  ["a shape without end", one("Reshape", {}, ints("s", [large, -1])), "CNN"],
  ["a shape of two unknowns", one("Reshape", {}, ints("s", [-1, -1])), "CNN"],
  ["indices outside", one("Gather", { axis: 1 }, ints("i", [7])), "CNN"],
  ["copies without end", one("Tile", {}, ints("r", [1, 1, large, large])), "CNN"],
  ["sizes without end", one("Expand", {}, ints("s", [large, 2, 4, 4])), "CNN"],
  [
    "a batch normalization of other channels",
    one(
      "BatchNormalization",
      {},
      ...["a", "b", "c", "d"].map((name) => floats(name, [3], [1, 2, 3])),
    ),
    "CNN",
  ],
])("%s ends in a diagnostic", (_, bytes, code) => {
  expect(() => readBytes(bytes)).toThrow(code);
});

test.each([
  ["fields of 4 GB", [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0a, 0x00]],
  ["a number of twenty bytes", [0x08, ...Array(20).fill(0xff), 0x01]],
  ["a field of number 0", [0x02, 0x01, 0x41]],
  ["a wire type that there is not", [0x0f, 0x00]],
  ["a graph that is a number", [0x38, 0x01]],
  ["a group that never ends", [0x3b, 0x3b, 0x3b]],
  ["nothing", []],
  ["zeros", Array(64).fill(0)],
])("%s in the place of a model end in a diagnostic", (_, bytes) => {
  expect(() => readBytes(Uint8Array.from(bytes))).toThrow("CNN510");
});

/** A chain of Relu, encoded by hand: a node is two names of eight bytes and its operator. */
function chainOf(count: number): Uint8Array {
  const text = (field: number, value: string) => [
    (field << 3) | 2,
    value.length,
    ...Buffer.from(value),
  ];
  const nameOf = (at: number) => (at === 0 ? "x" : `v${at}`).padEnd(8, "_");
  const nodeOf = (at: number) => {
    const fields = [...text(1, nameOf(at)), ...text(2, nameOf(at + 1)), ...text(4, "Relu")];
    return [0x0a, fields.length, ...fields];
  };
  const sample = nodeOf(0);
  const nodes = Buffer.alloc(sample.length * count);
  for (let at = 0; at < count; at++) {
    nodes.set(sample, at * sample.length);
    nodes.write(nameOf(at), at * sample.length + 4, "latin1");
    nodes.write(nameOf(at + 1), at * sample.length + 14, "latin1");
  }
  const size = [0, 7, 14, 21].map(
    (shift) => ((nodes.length >>> shift) & 127) | (shift < 21 ? 128 : 0),
  );
  return Buffer.concat([Buffer.from([0x3a, ...size]), nodes]);
}

test("a million nodes in a chain are counted, and refused", () => {
  expect(() => readBytes(chainOf(1_000_000))).toThrow(/CNN517.*1,?000,?000/s);
});

test("tensors of no elements are computed", () => {
  const parts = {
    nodes: [node("Concat", ["x", "w"], ["y"], { axis: 1 })],
    inputs: [x],
    outputs: ["y"],
    initializers: [floats("w", [1, 0], [])],
  };
  expect([...runModel(parts, { x: [3, -4] }).get("y")!.data]).toEqual([3, -4]);
});

const folder = mkdtempSync(join(tmpdir(), "cnnc-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is said of a model in a folder of its own whose data lie at a place. */
function saidOf(location: string): string {
  const dir = mkdtempSync(join(folder, "model-"));
  writeFileSync(join(folder, "outside.bin"), new Uint8Array(8));
  writeFileSync(join(dir, "inside.bin"), new Uint8Array(8));
  symlinkSync(join(folder, "outside.bin"), join(dir, "link.bin"));
  symlinkSync(folder, join(dir, "folder"));
  symlinkSync(join(dir, "inside.bin"), join(dir, "near.bin"));
  const externalData = [{ key: "location", value: location }];
  const path = join(dir, "m.onnx");
  writeFileSync(path, adding({ dataLocation: 1, externalData }));
  const report = new Report();
  try {
    importModel(path, formatOf(path)!, {}, report);
    return "read";
  } catch (error) {
    return String(error);
  }
}

test.each([
  ["an absolute path", "/etc/hostname"],
  ["an absolute path of the model's own folder's neighbour", join(folder, "outside.bin")],
  ["..", "../outside.bin"],
  [".. behind a folder", "nothing/../../outside.bin"],
  ["a link out of the folder", "link.bin"],
  ["a folder that is a link", "folder/outside.bin"],
])("data outside the model's folder by %s are not read", (_, location) => {
  expect(saidOf(location)).toContain("CNN511");
});

test.each([
  ["a folder", "."],
  ["a name with a zero in it", "a\0b"],
  ["a device", "/dev/zero"],
])("data in %s are not read", (_, location) => {
  expect(saidOf(location)).toContain("CNN");
});

test("data inside the folder are read, by a link too", () => {
  expect(saidOf("inside.bin")).toBe("read");
  expect(saidOf("near.bin")).toBe("read");
});
