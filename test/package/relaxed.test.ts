import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../../src/compile.js";
import type { CompileOptions } from "../../src/compile-options.js";
import type { Compiled } from "../../src/compiled.js";
import { instantiate } from "../../src/instantiate.js";
import { hasRelaxedSimd } from "../../src/runtime/relaxed.js";

const source = `
model Small {
  input x: f32[5, 9, 11]
  conv(16, 3x3, pad=1) -> relu
  conv(7, 1x1)
  gap -> flatten
  output y
}`;
const init = { kind: "he", seed: 11 } as const;
const x = Float32Array.from({ length: 5 * 9 * 11 }, (_, i) => Math.sin(i * 0.7) + 0.1);

let folder: string;
let files: Compiled;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cnnc-relaxed-"));
  files = await compile(source, { init });
  await files.write(folder);
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

/** Loads the written module in a Node with these flags, and runs it on `x`. */
function runWith(flags: readonly string[], load = "{}"): { variant: string; y: number[] } {
  const script = `
    const { load } = await import(${JSON.stringify(pathToFileURL(join(folder, "Small.js")))});
    const model = await load(${load});
    const { y } = model.run({ x: new Float32Array([${x}]) });
    console.log(JSON.stringify({ variant: model.variant, y: [...y] }));`;
  const args = [...flags, "--input-type=module", "--eval", script];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

const besideModule = (name: string) =>
  `{ wasm: new URL(${JSON.stringify(pathToFileURL(join(folder, name)))}) }`;

test("the kernels with fused multiply-adds are chosen where the engine has them", async () => {
  const own = await instantiate(files);
  expect(own.variant).toBe(hasRelaxedSimd() ? "relaxed" : "baseline");
  const flags = hasRelaxedSimd() ? [] : ["--experimental-wasm-relaxed-simd"];
  const relaxed = runWith(flags);
  expect(relaxed.variant).toBe("relaxed");
  const baseline = runWith(flags, besideModule("Small.wasm"));
  expect(baseline.variant).toBe("baseline");
  expect(relaxed.y).not.toEqual(baseline.y);
  for (const [i, value] of baseline.y.entries()) {
    expect(Math.abs(relaxed.y[i]! - value)).toBeLessThan(1e-5);
  }
});

test.runIf(!hasRelaxedSimd())("an engine without them says so when they are given", async () => {
  const wasm = files.files.get("Small.relaxed.wasm")!;
  const given = new Map(files.files).set("Small.wasm", wasm);
  await expect(instantiate({ ...files, files: given })).rejects.toThrow(
    "this engine cannot compile wasm: it has no relaxed SIMD",
  );
});

const names = ({ files: made }: Compiled): string[] => [...made.keys()].sort();

test.each<[CompileOptions, readonly string[]]>([
  [{}, ["Small.d.ts", "Small.js", "Small.relaxed.wasm", "Small.wasm", "Small.weights.bin"]],
  [{ relaxed: "off" }, ["Small.d.ts", "Small.js", "Small.wasm", "Small.weights.bin"]],
  [{ form: "inline" }, ["Small.d.ts", "Small.js"]],
  [{ form: "module" }, ["Small.d.ts", "Small.js", "Small.wasm"]],
  [
    { form: "module", relaxed: "on" },
    ["Small.d.ts", "Small.js", "Small.relaxed.wasm", "Small.wasm"],
  ],
])("%j makes %j", async (options, expected) => {
  expect(names(await compile(source, { init, ...options }))).toEqual(expected);
});

test("both kernels can be in the module itself", async () => {
  const both = await compile(source, { init, form: "inline", relaxed: "on" });
  const plain = await compile(source, { init, form: "inline" });
  const model = await instantiate(both);
  expect(model.variant).toBe(hasRelaxedSimd() ? "relaxed" : "baseline");
  const [y, other] = [model.run({ x }).y!, (await instantiate(plain)).run({ x }).y!];
  for (const [i, value] of other.entries()) expect(y[i]).toBeCloseTo(value, 5);
});
