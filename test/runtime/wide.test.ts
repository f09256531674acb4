import { expect, test, vi } from "vitest";
import type { LoopModule } from "../../src/codegen/loops/types.js";
import { emitWasm } from "../../src/codegen/wasm/module.js";
import { compile } from "../../src/compile.js";
import { instantiate } from "../../src/instantiate.js";
import type { Description } from "../../src/runtime/description.js";
import { sameAnswers, widen } from "../../src/runtime/wide.js";
import { tinyPlan } from "../package/tiny-plan.js";

const plan = tinyPlan();
const tensor = { dtype: "float32", layout: "nchw", shape: [1, 3, 2, 2] } as const;
const description: Description = {
  name: "Tiny",
  inputs: [{ ...tensor, name: "image", address: plan.inputs[0]!.bytes }],
  outputs: [{ ...tensor, name: "scores", address: plan.outputs[0]!.bytes }],
  macs: 12,
  weightBytes: plan.weightsFile.bytes,
  weightAddress: plan.weightsFile.address,
  memoryBytes: plan.module.memoryBytes,
  hash: { weights: "" },
};
const one = { threads: 1, threadsReason: undefined };
const weights = Float32Array.of(0, 2.5, -0.75, 0).buffer;

const compiled = async (loops: LoopModule) =>
  WebAssembly.compile(new Uint8Array(await emitWasm(loops)));

/** The tiny network as it is, and one that reads its weights in the other order. */
async function twoModules() {
  const { module } = plan;
  const [call] = module.schedule;
  const [, ...others] = call!.arguments;
  const moved = { ...call!, arguments: [{ kind: "address" as const, bytes: 4 }, ...others] };
  return [await compiled(module), await compiled({ ...module, schedule: [moved] })] as const;
}

test("modules that give the same bits are told from those that do not", async () => {
  const [plain, other] = await twoModules();
  expect(await sameAnswers(description, [plain, plain], weights, one)).toBe(true);
  expect(await sameAnswers(description, [plain, other], weights, one)).toBe(false);
});

test("an older Node, another processor and a compiled module have no wide kernels", async () => {
  const [plain] = await twoModules();
  const reasonIn = async (node: string, arch: string) => {
    vi.stubGlobal("process", { versions: { node }, arch });
    const widened = await widen(description, plain, undefined, weights, one);
    vi.unstubAllGlobals();
    return widened.reason;
  };
  expect(await reasonIn("22.11.0", "x64")).toBe("it needs Node 24 or later");
  expect(await reasonIn("24.0.0", "arm64")).toBe("it needs a processor of the x64 family");
  expect(await reasonIn("24.0.0", "x64")).toContain("only bytes can be compiled again");
});

const hasWide = Number.parseInt(process.versions.node, 10) >= 24 && process.arch === "x64";

test("a loaded model tells whether its kernels are wide, and computes the same", async () => {
  const source = "model M { input x: f32[5, 8, 8] conv(32, 3x3) -> relu -> conv(6, 1x1) output y }";
  const init = { kind: "he", seed: 5 } as const;
  const made = await compile(source, { init, relaxed: "off", weightsPrecision: "f16" });
  const [plain, wide] = [await instantiate(made), await instantiate(made, { wide: true })];
  expect(plain).toMatchObject({ variant: "baseline", wideReason: undefined });
  expect(wide).toMatchObject(
    hasWide
      ? { variant: "wide", wideReason: undefined }
      : { variant: "baseline", wideReason: expect.stringContaining("it needs") },
  );
  const x = Float32Array.from({ length: 320 }, (_, i) => Math.sin(i));
  expect(wide.run({ x })).toEqual(plain.run({ x }));
});
