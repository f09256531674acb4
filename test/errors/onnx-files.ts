import { dataTypes } from "../../src/onnx/proto.js";
import {
  floats,
  ints,
  type ModelParts,
  node,
  onnxModel,
  valueInfo,
} from "../support/onnx-model.js";

type Files = Readonly<Record<string, Uint8Array>>;

const x = valueInfo("x", [1, 2]);

const model = (parts: Partial<ModelParts>, beside: Files = {}): Files => ({
  "m.onnx": onnxModel({ nodes: [], inputs: [x], outputs: ["y"], ...parts }),
  ...beside,
});

const add = node("Add", ["x", "w"], ["y"]);
const relu = node("Relu", ["x"], ["y"]);

/** A model that adds a tensor to its input. */
const adding = (tensor: Partial<ReturnType<typeof floats>>, beside?: Files): Files =>
  model({ nodes: [add], initializers: [{ name: "w", dims: [2], dataType: 1, ...tensor }] }, beside);

const elsewhere = (location: string, more: Readonly<Record<string, string>> = {}) => ({
  dataLocation: 1,
  externalData: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })),
});

const whole = onnxModel({ nodes: [relu], inputs: [x], outputs: ["y"] });

/** A length-delimited field whose length lies. */
const lying = new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0x7f, 0x0a, 0x00]);

/** Groups in groups: an old part of the wire format. */
const nested = new Uint8Array(100_000).fill(0x0b);

/** Hostile and unfit ONNX models, by sample. */
export const onnxFiles: Readonly<Record<string, () => Files>> = {
  "onnx-malformed": () => ({ "m.onnx": whole.subarray(0, whole.length - 5) }),
  "onnx-malformed.empty": () => ({ "m.onnx": new Uint8Array(0) }),
  "onnx-malformed.text": () => ({ "m.onnx": new TextEncoder().encode("not a model\n") }),
  "onnx-malformed.lying-length": () => ({ "m.onnx": lying }),
  "onnx-malformed.nested-groups": () => ({ "m.onnx": nested }),
  "onnx-malformed.no-graph": () => ({ "m.onnx": new Uint8Array([0x08, 0x08]) }),
  "onnx-tensor-malformed": () => adding({ rawData: new Uint8Array(7) }),
  "onnx-tensor-malformed.negative": () => adding({ dims: [-2], rawData: new Uint8Array(8) }),
  "onnx-tensor-malformed.overflow": () =>
    adding({ dims: [2 ** 31, 2 ** 31, 4], rawData: new Uint8Array(8) }),
  "onnx-tensor-malformed.no-data": () => adding({}),
  "onnx-tensor-malformed.few-numbers": () => adding({ dataType: 7, int64Data: [1, 2, 3] }),
  "onnx-tensor-malformed.strings": () => adding({ dataType: 8 }),
  "onnx-tensor-malformed.twice": () =>
    model({ nodes: [add], initializers: [floats("w", [2], [1, 2]), floats("w", [2], [3, 4])] }),
  "onnx-tensor-malformed.elsewhere-missing": () => adding(elsewhere("w.bin")),
  "onnx-tensor-malformed.elsewhere-short": () =>
    adding(elsewhere("w.bin"), { "w.bin": new Uint8Array(4) }),
  "onnx-tensor-malformed.elsewhere-offset": () =>
    adding(elsewhere("w.bin", { offset: "-8" }), { "w.bin": new Uint8Array(16) }),
  "onnx-tensor-malformed.elsewhere-length": () =>
    adding(elsewhere("w.bin", { length: "4" }), { "w.bin": new Uint8Array(16) }),
  "onnx-tensor-malformed.elsewhere-unnamed": () => adding({ dataLocation: 1 }),
  "file-outside-root.onnx": () => adding(elsewhere("../../etc/hostname")),
  "cannot-write-cnn": () =>
    model({
      nodes: [
        node("LeakyRelu", ["x"], ["t"], { alpha: { float: Number.POSITIVE_INFINITY } }),
        node("Relu", ["t"], ["y"]),
      ],
    }),
  "cannot-write-pytorch": () =>
    model({
      nodes: [
        node("AveragePool", ["x"], ["a"], { kernel_shape: [2, 2], dilations: [2, 1] }),
        node("AveragePool", ["x"], ["y"], { kernel_shape: [2, 2], dilations: [2, 2] }),
      ],
      inputs: [valueInfo("x", [1, 1, 4, 4])],
      outputs: ["a", "y"],
    }),
  "onnx-graph-malformed": () =>
    model({
      nodes: [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), relu],
      outputs: ["b", "z"],
    }),
  "onnx-graph-malformed.twice": () => model({ nodes: [relu, node("Abs", ["x"], ["y"])] }),
  "onnx-graph-malformed.inputs": () => model({ nodes: [relu], inputs: [x, x] }),
  "onnx-graph-malformed.outputs": () => model({ nodes: [relu], outputs: ["y", "y"] }),
  "onnx-graph-malformed.no-outputs": () => model({ nodes: [relu], outputs: [] }),
  "onnx-graph-malformed.nameless": () => model({ nodes: [relu], outputs: ["", "y"] }),
  "onnx-unsupported": () =>
    model({
      nodes: [
        node("Nonsense", ["x"], ["a"]),
        { ...node("Conv\u001b[31m", ["x"], ["b\n"]), domain: "com.example" },
        node("Loop", ["x"], ["c"]),
        node("NonMaxSuppression", ["a"], ["d"]),
      ],
      outputs: ["b\n", "c", "d"],
    }),
  "onnx-unsupported.three-axes": () =>
    model({
      nodes: [node("Conv", ["x", "w"], ["y"])],
      inputs: [valueInfo("x", [1, 1, 4, 4, 4])],
      initializers: [floats("w", [1, 1, 1, 1, 1], [1])],
    }),
  "onnx-unsupported.computed-shape": () =>
    model({
      nodes: [node("Reshape", ["x", "s"], ["y"])],
      inputs: [x, valueInfo("s", [2])],
    }),
  "onnx-unsupported.large-constant": () =>
    model({
      nodes: [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])],
      initializers: [ints("s", [2 ** 30])],
    }),
  "onnx-unsupported.large-range": () =>
    model({
      nodes: [node("Range", ["a", "b", "c"], ["y"])],
      initializers: [ints("a", 0), ints("b", 2 ** 40), ints("c", 1)],
    }),
  "onnx-unsupported.large-tile": () =>
    model({
      nodes: [node("Tile", ["x", "r"], ["y"])],
      initializers: [ints("r", [2 ** 20, 2 ** 20])],
    }),
  "onnx-too-many-nodes": () =>
    model({
      nodes: Array.from({ length: 100_001 }, (_, at) =>
        node("Relu", [at === 0 ? "x" : `v${at}`], [`v${at + 1}`]),
      ),
      outputs: ["v100001"],
    }),
  "onnx-input-type": () =>
    model({ nodes: [relu], inputs: [valueInfo("x", [1, 2], dataTypes.int64)] }),
  "onnx-open-shape": () => model({ nodes: [relu], inputs: [valueInfo("x", ["n", 3, "h", "w"])] }),
  "onnx-batch-fixed": () => model({ nodes: [relu] }),
  "shape-is-fixed.onnx": () => model({ nodes: [relu] }),
  "input-unknown.onnx": () => model({ nodes: [relu] }),
  "tensor-too-large.onnx": () =>
    model({ nodes: [relu], inputs: [valueInfo("x", [2 ** 20, 2 ** 20])] }),
  "format-is-no-text": () => model({ nodes: [relu] }),
  "option-needs-text": () => model({ nodes: [relu] }),
};
