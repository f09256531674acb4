import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile, compileFile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { CompileError } from "../../src/diagnostics/report.js";
import { instantiate } from "../../src/instantiate.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import type { Tensor } from "../../src/weights/store.js";

const source = `model M(scale = 2) {
  input x: f32[2]
  input y: f32[2]
  mul(x, scale) + y -> fc: linear(1)
  output z
}`;

const tensor = (shape: number[], ...data: number[]): Tensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data),
});
const weights = { "fc.weight": tensor([1, 2], 1, 10), "fc.bias": tensor([1], 0.5) };

const namesOf = async (run: Promise<unknown>): Promise<string[]> => {
  const error = await run.catch((reason: unknown) => reason);
  return error instanceof CompileError
    ? error.diagnostics.map(({ name }) => name)
    : [String(error)];
};

async function run(options: CompileOptions, inputs: Record<string, Float32Array>) {
  const model = await instantiate(await compile(source, options));
  return [...model.run(inputs).z!];
}

const [x, y] = [Float32Array.of(3, -1), Float32Array.of(0.25, 4)];

test("weights, parameters and batch are taken from the options", async () => {
  expect(await run({ weights }, { x, y })).toEqual([6.25 + 20 + 0.5]);
  expect(await run({ weights, set: { scale: 0 } }, { x, y })).toEqual([0.25 + 40 + 0.5]);
  const [xs, ys] = [Float32Array.of(3, -1, 0, 0), Float32Array.of(0.25, 4, 1, 1)];
  expect(await run({ weights, batch: 2 }, { x: xs, y: ys })).toEqual([26.75, 11.5]);
});

test("a constant takes the place of an input", async () => {
  const constants = { y: tensor([1, 2], 0.25, 4) };
  const compiled = await compile(source, { weights, constants });
  expect(Object.keys(compiled.inputs)).toEqual(["x"]);
  expect(await run({ weights, constants }, { x })).toEqual([26.75]);
});

test("passes can be stopped, left out and limited, and are checked on request", async () => {
  const passesOf = async (options: CompileOptions) =>
    (await compile(source, { weights, ...options })).report.passes;
  const all = await passesOf({ verifyEach: true });
  expect((await passesOf({ stopAfter: all[2]!.name })).length).toBe(3);
  const without = await passesOf({ disable: [all[1]!.name] });
  expect(without.map(({ name }) => name)).not.toContain(all[1]!.name);
  expect((await passesOf({ maxRewrites: 0 })).every(({ changes }) => changes === 0)).toBe(true);
  expect((await passesOf({ level: 0 })).length).toBeLessThan(all.length);
});

test.each<[string, Record<string, unknown>]>([
  ["unknown-option", { traget: "ts" }],
  ["option-value", { target: "js" }],
  ["option-value", { batch: 0.5 }],
  ["option-value", { level: 3 }],
  ["option-value", { set: { scale: null } }],
  [
    "option-value",
    { weights: { "fc.weight": { dtype: "float32", shape: [3], data: new Float32Array(2) } } },
  ],
  ["option-value", { init: { kind: "he" } }],
  ["option-value", { winograd: "on" }],
  ["options-conflict", { weights: "w.safetensors", init: { kind: "he", seed: 1 } }],
  ["target-has-no-form", { target: "ts", form: "module" }],
  ["shape-is-fixed", { shapes: { x: [1, 3] }, weights }],
  ["input-unknown", { shapes: { w: [1, 3] }, weights }],
  ["constant-unfit", { constants: { y: tensor([2], 1, 2) }, weights }],
  ["unknown-pass", { stopAfter: "no-such-pass", weights }],
  ["file-not-found", { weights: "/nowhere/w.safetensors" }],
  ["no-weights", {}],
])("%s: %j", async (name, options) => {
  expect(await namesOf(compile(source, options as CompileOptions))).toContain(name);
});

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-files-"));
  await mkdir(at("project", "models"), { recursive: true });
  await writeFile(at("project", "package.json"), "{}");
  const bytes = writeSafetensors(weights);
  await writeFile(at("project", "w.safetensors"), bytes);
  await writeFile(at("outside.safetensors"), bytes);
  await writeFile(at("project", "names.txt"), "only\r\n\n");
  await symlink(at("outside.safetensors"), at("project", "models", "link.safetensors"));
  const named = (file: string, more = "") =>
    source.replace("input x", `weights "${file}" ${more} input x`);
  const models = {
    "up.cnn": named("../w.safetensors", 'labels "../names.txt"'),
    "link.cnn": named("link.safetensors"),
    "above.cnn": named("../../outside.safetensors"),
    "device.cnn": named("../models"),
    "none.cnn": named("none.safetensors"),
  };
  for (const [name, text] of Object.entries(models)) {
    await writeFile(at("project", "models", name), text);
  }
});

afterAll(() => rm(folder, { recursive: true }));

test("files are read from the project around the model, which package.json marks", async () => {
  const compiled = await compileFile(at("project", "models", "up.cnn"));
  expect(compiled.name).toBe("up");
  const model = await instantiate(compiled);
  expect([...model.run({ x, y }).z!]).toEqual([26.75]);
  expect(model.labels).toEqual(["only"]);
});

test.each([
  ["link.cnn", "file-outside-root"],
  ["above.cnn", "file-outside-root"],
  ["device.cnn", "file-unreadable"],
  ["none.cnn", "file-not-found"],
])("%s names a file that is not read", async (name, message) => {
  expect(await namesOf(compileFile(at("project", "models", name)))).toContain(message);
});

test("the root can be another folder, and the caller's own weights may be anywhere", async () => {
  const up = at("project", "models", "up.cnn");
  expect(await namesOf(compileFile(up, { root: at("project", "models") }))).toContain(
    "file-outside-root",
  );
  const above = at("project", "models", "above.cnn");
  await compileFile(above, { root: folder });
  await compileFile(up, { weights: at("outside.safetensors") });
});
