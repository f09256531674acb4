import path from "node:path";
import { expect, test } from "vitest";
import { CompileError, Report } from "../../src/diagnostics/report.js";
import { writeOnnx } from "../../src/export/onnx/write-onnx.js";
import { formatOf } from "../../src/formats.js";
import type { Imported } from "../../src/import/imported.js";
import { sizeOf } from "../../src/ir/types.js";
import { verify } from "../../src/ir/verify.js";
import {
  bindModel,
  elaborateSource,
  emitCode,
  optimise,
  planModel,
  type Source,
} from "../../src/pipeline.js";
import { read as readCfg, weightsFile } from "../import/darknet/read.js";
import {
  floats,
  layer,
  manifestOf,
  node,
  placeholder,
  type Stored,
  sequential,
  text,
  wholes,
} from "../import/tfjs/read.js";
import { noise, random } from "../support/noise.js";

/** A model of another format with what lies beside it. */
interface Sample {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly beside: Readonly<Record<string, Uint8Array>>;
}

/** An example of the project, as ONNX. */
function exported(name: string, set: Readonly<Record<string, number>> = {}): Sample {
  const examples = path.join(import.meta.dirname, "..", "..", "examples");
  const source: Source = { kind: "file", path: path.join(examples, name, `${name}.cnn`) };
  const report = new Report();
  const elaborated = elaborateSource(source, { set }, report);
  const init = { kind: "he", seed: 5 } as const;
  const bound = bindModel(source, elaborated, { init }, report);
  return { file: `${name}.onnx`, bytes: writeOnnx(bound), beside: {} };
}

/** A detector of Darknet's with a skip, a route and two heads, and its weights. */
function darknet(): Sample {
  const conv = (filters: number, size: number, more = "activation=leaky") =>
    `[convolutional]\nbatch_normalize=1\nfilters=${filters}\nsize=${size}\npad=1\nstride=1\n${more}\n\n`;
  const pool = "[maxpool]\nsize=2\nstride=2\n\n";
  const head =
    "[convolutional]\nsize=1\nstride=1\nfilters=18\nactivation=linear\n\n" +
    "[yolo]\nmask=0,1,2\nanchors=3,4, 5,6, 7,9\nclasses=1\nnum=3\n\n";
  const cfg =
    `[net]\nheight=16\nwidth=16\nchannels=3\n\n${conv(6, 3)}${pool}${conv(8, 3)}${conv(4, 1)}` +
    `${conv(8, 3, "activation=mish\ngroups=2")}[shortcut]\nfrom=-3\nactivation=linear\n\n${pool}` +
    `${conv(12, 3, "activation=swish")}${head}[route]\nlayers=-3\n\n[upsample]\nstride=2\n\n` +
    `[route]\nlayers=-1,5\n\n[reorg]\nstride=2\n\n${conv(5, 1)}${head}`;
  const { graph } = readCfg(cfg);
  const count = graph.nodes.reduce(
    (sum, { op, results }) => sum + (op === "parameter" ? sizeOf(results[0]!.type.shape) : 0),
    0,
  );
  const weights = weightsFile(noise(count, 4, 0.1, 0.9));
  return {
    file: "net.cfg",
    bytes: new TextEncoder().encode(cfg),
    beside: { "net.weights": weights },
  };
}

function tfjs(modelTopology: object, tensors: Readonly<Record<string, Stored>>): Sample {
  const { manifest: weightsManifest, files } = manifestOf(tensors);
  const model = JSON.stringify({ modelTopology, weightsManifest });
  return { file: "model.json", bytes: new TextEncoder().encode(model), beside: files };
}

const tensor = (...shape: readonly number[]): Stored =>
  floats(shape, noise(sizeOf(shape), 6, 0.1, 0.9));

const layers = (): Sample =>
  tfjs(
    sequential(
      [1, 9, 8, 3],
      layer("ZeroPadding2D", "z", {
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
      layer("Conv2D", "a", { filters: 6, kernel_size: [3, 3], strides: [2, 2], padding: "same" }),
      layer("BatchNormalization", "n", { epsilon: 0.001, axis: [3] }),
      layer("ReLU", "r", { max_value: 6 }),
      layer("DepthwiseConv2D", "d", { kernel_size: 3, padding: "valid", use_bias: false }),
      layer("UpSampling2D", "u", { size: [2, 2] }),
      layer("MaxPooling2D", "p", { pool_size: [2, 2] }),
      layer("Flatten", "f"),
      layer("Dense", "o", { units: 4, activation: "softmax" }),
    ),
    {
      "a/kernel": tensor(3, 3, 3, 6),
      "a/bias": tensor(6),
      "n/gamma": tensor(6),
      "n/beta": tensor(6),
      "n/moving_mean": tensor(6),
      "n/moving_variance": tensor(6),
      "d/depthwise_kernel": tensor(3, 3, 6, 1),
      "o/kernel": tensor(54, 4),
      "o/bias": tensor(4),
    },
  );

function graph(): Sample {
  const window = { strides: wholes(1, 1, 1, 1), padding: text("SAME") };
  const weights = { w: tensor(3, 3, 3, 4), b: tensor(4), v: tensor(4, 2), c: tensor(2) };
  const nodes = [
    placeholder("x", 1, 6, 5, 3),
    ...Object.keys(weights).map((name) => node(name, "Const")),
    node("conv", "_FusedConv2D", ["x", "w", "b"], {
      ...window,
      fused_ops: { list: { s: ["Qmlhc0FkZA==", "UmVsdQ=="] } },
    }),
    node("pool", "AvgPool", ["conv"], { ...window, ksize: wholes(1, 3, 3, 1) }),
    node("sum", "AddV2", ["pool", "conv"]),
    node("mean", "MaxPool", ["sum"], {
      ...window,
      strides: wholes(1, 6, 5, 1),
      ksize: wholes(1, 6, 5, 1),
    }),
    node("flat", "Squeeze", ["mean"], { squeeze_dims: wholes(1, 2) }),
    node("product", "MatMul", ["flat", "v"]),
    node("logits", "BiasAdd", ["product", "c"]),
    node("y", "Softmax", ["logits"]),
  ];
  return tfjs({ node: nodes }, weights);
}

/** A model as files just read: readers may move what lies in the bytes. */
const copied = ({ file, bytes, beside }: Sample): Sample => ({
  file,
  bytes: new Uint8Array(bytes),
  beside: Object.fromEntries(
    Object.entries(beside).map(([name, data]) => [name, new Uint8Array(data)]),
  ),
});

/** How a changed model ends. */
type End = "compiled" | "refused";

/** Reads a model and takes it through all stages up to code, or is told what is wrong with it. */
async function take({ file, bytes, beside }: Sample, target: "wasm" | "ts"): Promise<End> {
  const report = new Report();
  const read = (name: string) => (Object.hasOwn(beside, name) ? beside[name] : undefined);
  try {
    const context = { path: file, read, shapes: {}, batch: undefined };
    const imported: Imported | undefined = formatOf(file)!.read(bytes, context, report);
    report.throwIfErrors();
    if (!imported) throw new Error("the model was not read and nothing says why");
    verify(imported.graph);
    const source: Source = { kind: "file", path: file };
    const bound = bindModel(source, { ...imported, models: [] }, {}, report);
    verify(bound);
    const { graph: optimised } = optimise(bound, { target, verifyEach: true }, report);
    const plan = planModel(optimised, { target, tune: false }, report, source);
    await emitCode(plan, { target, relaxed: "off" });
    return "compiled";
  } catch (error) {
    if (error instanceof CompileError) return "refused";
    throw error;
  }
}

type Random = ReturnType<typeof random>;
const below = (next: Random, count: number): number => Math.floor(next() * count);

/** Where structure is dense: the beginning, the end, or anywhere. */
function placeIn(next: Random, length: number): number {
  const near = Math.min(length, 4096);
  const kind = below(next, 3);
  if (kind === 0) return below(next, near);
  return kind === 1 ? length - 1 - below(next, near) : below(next, length);
}

/** A copy with a few bytes changed; now and then cut off. */
function spoiled(bytes: Uint8Array, next: Random): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let count = 1 + below(next, 5); count > 0; count--) {
    copy[placeIn(next, copy.length)] = below(next, 256);
  }
  return below(next, 20) === 0 ? copy.subarray(0, below(next, copy.length)) : copy;
}

/** The model with its own file changed, or now and then those beside it. */
function changed(sample: Sample, next: Random): Sample {
  const names = Object.keys(sample.beside);
  if (names.length === 0 || below(next, 5) > 0) {
    return { ...sample, bytes: spoiled(sample.bytes, next) };
  }
  const beside = Object.entries(sample.beside).map(([name, bytes]) => [name, spoiled(bytes, next)]);
  return { ...sample, beside: Object.fromEntries(beside) };
}

test.each<readonly [string, () => Sample, number]>([
  ["an ONNX model of digits", () => exported("digits"), 80],
  ["an ONNX model of faces", () => exported("tiny_face"), 100],
  ["an ONNX model of LeNet", () => exported("lenet5"), 70],
  ["a Darknet detector", darknet, 400],
  ["TF.js layers", layers, 400],
  ["a TF.js graph", graph, 400],
])("%s with any bytes changed compiles, or is refused", async (_, make, rounds) => {
  const sample = make();
  expect(await take(copied(sample), "wasm")).toBe("compiled");
  const next = random(2028);
  const ends: Record<End, number> = { compiled: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const model = changed(copied(sample), next);
    try {
      ends[await take(model, round % 2 === 0 ? "wasm" : "ts")]++;
    } catch (cause) {
      throw new Error(`round ${round}: ${cause}`, { cause });
    }
  }
  expect(Math.min(ends.compiled, ends.refused)).toBeGreaterThan(rounds / 20);
});
