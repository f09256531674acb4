import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileFile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { convertFile } from "../../src/convert-model.js";
import { CompileError } from "../../src/diagnostics/report.js";
import { instantiate } from "../../src/instantiate.js";
import { expectClose } from "../support/close.js";
import { noise } from "../support/noise.js";
import { weightsFile } from "./darknet/read.js";
import { floats, layer, manifestOf, sequential } from "./tfjs/read.js";

const folder = mkdtempSync(join(tmpdir(), "cnnc-import-"));
const cfg = join(folder, "net.cfg");
const json = join(folder, "tiny", "model.json");

const cfgText = `[net]\nheight=2\nwidth=3\nchannels=2\n[convolutional]\nfilters=6\nactivation=linear
[yolo]\nclasses=1\nnum=1\nanchors=3,2\n`;

beforeAll(() => {
  writeFileSync(cfg, cfgText);
  writeFileSync(join(folder, "net.weights"), weightsFile(noise(18, 1)));
  writeFileSync(join(folder, "other.weights"), weightsFile(noise(18, 2)));
  mkdirSync(join(folder, "tiny"));
  const conv = layer("Conv2D", "c", { filters: 4, kernel_size: 1 });
  const tensors = {
    "c/kernel": floats([1, 1, 3, 4], noise(12, 3)),
    "c/bias": floats([4], noise(4, 4)),
  };
  const { manifest, files } = manifestOf(tensors);
  const modelTopology = sequential([null, 2, 5, 3], conv);
  writeFileSync(json, JSON.stringify({ modelTopology, weightsManifest: manifest }));
  for (const [name, bytes] of Object.entries(files))
    writeFileSync(join(folder, "tiny", name), bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

const input = noise(12, 5);

async function outputs(path: string, data: Float32Array, options: CompileOptions = {}) {
  const model = await instantiate(await compileFile(path, { target: "ts", ...options }));
  const given = model.run({ [model.inputNames[0]!]: data });
  const entries = Object.entries(given).map(
    ([name, values]) => [name, Float32Array.from(values)] as const,
  );
  return { model, results: Object.fromEntries(entries) };
}

/** What the convolution makes of the input: biases, then weights of each filter. */
const convolved = (numbers: Float32Array): number[] =>
  Array.from({ length: 36 }, (_, at) => {
    const [out, pixel] = [Math.floor(at / 6), at % 6];
    return (
      numbers[out]! +
      numbers[6 + 2 * out]! * input[pixel]! +
      numbers[7 + 2 * out]! * input[6 + pixel]!
    );
  });

test.each(["wasm", "ts"] as const)(
  "a Darknet network compiles with the weights beside it, for %s",
  async (target) => {
    const { results } = await outputs(cfg, input, { target });
    expect(Object.keys(results)).toEqual(["conv_0"]);
    expectClose(results.conv_0!, convolved(noise(18, 1)));
  },
);

test("a weights file that is named takes the place of the one beside the network", async () => {
  const { results } = await outputs(cfg, input, { weights: join(folder, "other.weights") });
  expectClose(results.conv_0!, convolved(noise(18, 2)));
});

test("heads are decoded on request, in both targets alike", async () => {
  const wasm = await outputs(cfg, input, { decode: true, target: "wasm" });
  const ts = await outputs(cfg, input, { decode: true });
  expect(ts.model.outputs.yolo_1?.shape).toEqual([1, 6, 6]);
  expectClose(wasm.results.yolo_1!, ts.results.yolo_1!, 1e-5);
  const raw = convolved(noise(18, 1));
  expect(ts.results.yolo_1![4]).toBeCloseTo(1 / (1 + Math.exp(-raw[24]!)), 5);
});

test("seeded weights need no file", async () => {
  const { results } = await outputs(cfg, input, { init: { kind: "he", seed: 3 } });
  expect(results.conv_0!.every(Number.isFinite)).toBe(true);
});

test("a constant takes the place of an input", async () => {
  const constants = { input: { dtype: "float32", shape: [1, 2, 2, 3], data: input } } as const;
  const compiled = await compileFile(cfg, { target: "ts", constants });
  expect(Object.keys(compiled.inputs)).toEqual([]);
});

test.each(["wasm", "ts"] as const)(
  "a TF.js model keeps channels last and says so, for %s",
  async (target) => {
    const data = noise(30, 6);
    const { model, results } = await outputs(json, data, { target });
    expect(model.inputs.in).toMatchObject({ shape: [1, 2, 5, 3], layout: "nhwc" });
    expect(model.outputs.c).toMatchObject({ shape: [1, 2, 5, 4], layout: "nhwc" });
    const [kernel, bias] = [noise(12, 3), noise(4, 4)];
    const expected = Array.from({ length: 40 }, (_, at) => {
      const [pixel, out] = [Math.floor(at / 4), at % 4];
      return [0, 1, 2].reduce(
        (sum, k) => sum + data[pixel * 3 + k]! * kernel[k * 4 + out]!,
        bias[out]!,
      );
    });
    expectClose(results.c!, expected);
  },
);

test("converting a model without its weights is an error of the user", () => {
  const alone = join(folder, "alone.cfg");
  writeFileSync(alone, cfgText);
  expect(() => convertFile(alone, "alone.safetensors")).toThrow(CompileError);
});

test("a converted TF.js model is called after its folder and compiles to the same", async () => {
  const { source, weights } = convertFile(json, "tiny.safetensors");
  expect(source).toContain("model tiny {");
  writeFileSync(join(folder, "tiny.cnn"), source);
  writeFileSync(join(folder, "tiny.safetensors"), weights);
  const data = noise(30, 6);
  const [converted, direct] = [
    await outputs(join(folder, "tiny.cnn"), data),
    await outputs(json, data),
  ];
  expectClose(converted.results.c!, direct.results.c!);
});

test("no model is called like a word of the language", () => {
  mkdirSync(join(folder, "model"));
  const inside = join(folder, "model", "model.json");
  writeFileSync(
    inside,
    JSON.stringify({ modelTopology: sequential([null, 2], layer("ReLU", "r")) }),
  );
  expect(convertFile(inside, "x.safetensors").source).toContain("model model2 {");
});

test("a converted network compiles to the same", async () => {
  const { source, weights } = convertFile(cfg, "net.safetensors");
  writeFileSync(join(folder, "converted.cnn"), source);
  writeFileSync(join(folder, "net.safetensors"), weights);
  const { results } = await outputs(join(folder, "converted.cnn"), input);
  expectClose(Object.values(results)[0]!, convolved(noise(18, 1)));
});
