import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import type { Compiled } from "../../src/compiled.js";
import { instantiate } from "../../src/instantiate.js";
import { evaluate } from "../../src/ir/evaluate.js";

const lenet = `
model LeNet5 {
  labels ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
  input image: f32[1, 28, 28] { mean = [0.25], std = [0.5] }
  conv(6, 5x5) -> relu -> maxpool(2)
  conv(16, 5x5, pad=0) -> relu -> maxpool(2)
  flatten
  linear(120) -> relu
  linear(84) -> relu
  linear(10) -> softmax
  output digit
}`;

const image = Float32Array.from({ length: 784 }, (_, i) => Math.sin(i * 0.37));
const init = { kind: "he", seed: 3 } as const;
const deliveries = [
  { target: "wasm", form: "files" },
  { target: "wasm", form: "inline" },
  { target: "wasm", form: "module" },
  { target: "ts", form: "files" },
  { target: "ts", form: "inline" },
] as const;
const [wasmFiles] = deliveries;

let folder: string;
let expected: Float64Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-lenet-"));
  const { graph } = await compile(lenet, { init, level: 0 });
  expected = evaluate(graph, new Map([["image", image]])).get("digit")!.data;
});

afterAll(() => rm(folder, { recursive: true }));

const expectClose = (actual: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
};

const made = new Map<string, Promise<Compiled>>();

/** LeNet compiled in one way, once for all tests. */
function compiledAs(options: CompileOptions): Promise<Compiled> {
  const key = JSON.stringify(options);
  const compiled = made.get(key) ?? compile(lenet, { init, ...options });
  made.set(key, compiled);
  return compiled;
}

interface Printed {
  readonly digit: number[];
  readonly best: { readonly index: number; readonly label: string };
  readonly shape: number[];
  readonly macs: number;
}

/** Runs a program beside the compiled files, in a Node of its own, and gives what it prints as JSON. */
async function runAlone(options: CompileOptions, program: string): Promise<Printed> {
  const compiled = await compiledAs(options);
  const alone = join(folder, `${options.target}-${options.form}`);
  await compiled.write(alone);
  await writeFile(join(alone, "main.mjs"), program);
  return JSON.parse(execFileSync(process.execPath, ["main.mjs"], { cwd: alone, encoding: "utf8" }));
}

test.each(deliveries)(
  "$target in the form $form runs alone in a folder without packages",
  async (options) => {
    const printed = await runAlone(
      options,
      `import { readFile } from "node:fs/promises";
    import { load } from "./LeNet5.js";
    const options = ${options.form === "module"} ? { wasm: await WebAssembly.compile(await readFile("LeNet5.wasm")) } : {};
    const model = await load(options);
    const image = Float32Array.from({ length: 784 }, (_, i) => Math.sin(i * 0.37));
    const [best] = model.classify(image, { top: 1 });
    const { digit } = model.run({ image });
    console.log(JSON.stringify({ digit: [...digit], best, shape: model.inputs.image.shape, macs: model.macs }));`,
    );
    const { digit, best, shape, macs } = printed;
    expectClose(digit);
    expect(shape).toEqual([1, 1, 28, 28]);
    expect(macs).toBe(416_520);
    const index = expected.indexOf(Math.max(...expected));
    expect(best).toMatchObject({ index, label: expect.any(String) });
  },
);

test.each(deliveries)("$target in the form $form loads in memory", async (options) => {
  const model = await instantiate(await compiledAs(options), { threads: 2 });
  const first = model.run({ image });
  expectClose(first.digit!);
  expect(model.run({ image }).digit).toEqual(first.digit);
  const isShared = options.target === "wasm";
  expect(model.threads).toBe(isShared ? 2 : 1);
  expect(model.threadsReason ?? "shared").toMatch(isShared ? "shared" : /one thread/);
  model.dispose();
});

test.each(deliveries)("$target in the form $form is the same bytes every time", async (options) => {
  const [first, second] = [await compiledAs(options), await compile(lenet, { init, ...options })];
  expect([...first.files.keys()]).toEqual([...second.files.keys()]);
  for (const [name, bytes] of first.files) {
    expect(Buffer.compare(bytes, second.files.get(name)!), name).toBe(0);
  }
});

test("instances live side by side, each with its own memory", async () => {
  const compiled = await compiledAs(wasmFiles);
  const [one, other] = [await instantiate(compiled), await instantiate(compiled)];
  const before = one.run({ image }).digit;
  other.run({ image: new Float32Array(784) });
  other.dispose();
  expect(one.run({ image }).digit).toEqual(before);
});

test("a picture is resized, made grey and normalised on its way in", async () => {
  const model = await instantiate(await compiledAs(wasmFiles));
  const bytes = Uint8Array.from({ length: 784 }, (_, i) => (i * 7) % 256);
  const data = Uint8ClampedArray.from({ length: 4 * 784 }, (_, i) =>
    i % 4 === 3 ? 255 : bytes[i >> 2]!,
  );
  const tensor = Float32Array.from(bytes, (byte) => (byte / 255 - 0.25) / 0.5);
  const fromPicture = model.run({ image: { data, width: 28, height: 28 } }).digit!;
  const fromTensor = model.run({ image: tensor }).digit!;
  for (const [i, value] of fromTensor.entries()) expect(fromPicture[i]).toBeCloseTo(value, 5);
});

test("the report tells costs, passes and layers", async () => {
  const { report, inputs, outputs, name } = await compiledAs(wasmFiles);
  expect(name).toBe("LeNet5");
  expect(report).toMatchObject({
    macs: 416_520,
    macsAsWritten: 416_520,
    params: 61_706,
    rewrites: [],
  });
  expect(report.weightBytes).toBeGreaterThanOrEqual(4 * 61_706);
  expect(report.codeBytes).toBeLessThan(60_000);
  expect(report.passes.map((pass) => pass.name)).toContain("fuse-epilogue");
  expect(
    report.layers.filter((layer) => layer.op === "conv2d").map((layer) => layer.shape),
  ).toContainEqual([1, 16, 10, 10]);
  expect(inputs.image).toEqual({ shape: [1, 1, 28, 28], dtype: "float32", layout: "nchw" });
  expect(outputs.digit).toEqual({ shape: [1, 10], dtype: "float32", layout: "nc" });
});

test("code without weights takes the same bytes in every form, nearly", async () => {
  const sizes = await Promise.all(
    (["files", "inline", "module"] as const).map(
      async (form) => (await compiledAs({ target: "wasm", form })).report.codeBytes,
    ),
  );
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(4000);
});

test("files of another build, cut short or damaged, are refused when they are loaded", async () => {
  const compiled = await compiledAs({ ...wasmFiles, relaxed: "off" });
  const other = await compile(lenet, { init: { kind: "he", seed: 4 }, relaxed: "off" });
  const weights = compiled.files.get("LeNet5.weights.bin")!;
  const wasm = compiled.files.get("LeNet5.wasm")!;
  const swapped = (name: string, bytes: Uint8Array) =>
    instantiate({ ...compiled, files: new Map(compiled.files).set(name, bytes) });
  const damaged = Uint8Array.from(weights);
  damaged[1000]! ^= 1;
  await expect(swapped("LeNet5.weights.bin", damaged)).rejects.toThrow("wrong content hash");
  await expect(swapped("LeNet5.weights.bin", weights.subarray(4))).rejects.toThrow("cut short");
  const others = other.files.get("LeNet5.weights.bin")!;
  await expect(swapped("LeNet5.weights.bin", others)).rejects.toThrow("another build");
  await expect(swapped("LeNet5.wasm", wasm.subarray(0, 500))).rejects.toThrow("wrong content hash");
  const html = new TextEncoder().encode("<!doctype html>");
  await expect(swapped("LeNet5.wasm", html)).rejects.toThrow("wrong content hash");
  await expect(swapped("LeNet5.wasm", other.files.get("LeNet5.wasm")!)).rejects.toThrow(
    "another build",
  );
});

test("the TypeScript that is written is the JavaScript that runs", async () => {
  const { files } = await compiledAs({ target: "ts", form: "files" });
  const text = new TextDecoder().decode(files.get("LeNet5.ts"));
  expect(text).not.toContain("WebAssembly");
  expect(text.split("\n").filter((line) => line.length > 240)).toEqual([]);
  expect(await readFile(join(folder, "ts-files", "LeNet5.ts"), "utf8")).toBe(text);
});
