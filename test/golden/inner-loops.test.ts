import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { emitWat } from "../../src/codegen/wasm/module.js";
import type { CompileOptions } from "../../src/compile-options.js";
import { Report } from "../../src/diagnostics/report.js";
import { bindModel, elaborateSource, optimise, planModel } from "../../src/pipeline.js";
import { innerLoopKinds } from "./inner-loops.js";

/** Kernels that only move numbers into a halo or another order: they have a case of their own. */
const moving = /^(halo|relayout)/;

interface KernelCase {
  readonly input: string;
  readonly stages: string;
  /** Functions that are not what the case is about. */
  readonly except?: RegExp;
  /** Whether Winograd's algorithm may be chosen. */
  readonly winograd?: boolean;
}

/** One kernel each, at a size that networks use. */
const cases: Readonly<Record<string, KernelCase>> = {
  "direct 3x3": { input: "[64, 56, 56]", stages: "conv(64, 3x3) -> relu" },
  "direct 3x3, stride 2": { input: "[64, 56, 56]", stages: "conv(128, 3x3, stride=2) -> relu" },
  "direct 5x5, 24 channels": { input: "[32, 56, 56]", stages: "conv(24, 5x5) -> relu" },
  "Winograd 4x4": { input: "[64, 56, 56]", stages: "conv(64, 3x3) -> relu", winograd: true },
  "Winograd, channels outside": {
    input: "[256, 7, 7]",
    stages: "conv(256, 3x3) -> relu",
    winograd: true,
  },
  "1x1": { input: "[64, 56, 56]", stages: "conv(128, 1x1) -> relu6" },
  "1x1 with a residual": { input: "[64, 28, 28]", stages: "residual { conv(64, 1x1) } -> relu" },
  "first layer 7x7": { input: "[3, 224, 224]", stages: "conv(64, 7x7, stride=2) -> relu" },
  "first layer 3x3": { input: "[3, 224, 224]", stages: "conv(32, 3x3, stride=2) -> relu6" },
  "first layer of one channel": { input: "[1, 28, 28]", stages: "conv(6, 5x5) -> relu" },
  "depth-wise 3x3": { input: "[128, 56, 56]", stages: "dwconv(3x3) -> relu6" },
  "depth-wise 3x3, stride 2": { input: "[128, 56, 56]", stages: "dwconv(3x3, stride=2) -> relu6" },
  "depth-wise 5x5": { input: "[96, 28, 28]", stages: "dwconv(5x5) -> relu" },
  "depth-wise 5x5, stride 2": { input: "[96, 28, 28]", stages: "dwconv(5x5, stride=2) -> relu" },
  linear: { input: "[512]", stages: "linear(1000)" },
  "max pool 3x3, stride 2": { input: "[64, 112, 112]", stages: "maxpool(3, stride=2, pad=1)" },
  "max pool 2x2": { input: "[64, 32, 32]", stages: "maxpool(2)" },
  "average pool 3x3": { input: "[64, 28, 28]", stages: "avgpool(3, stride=1, pad=1)" },
  "global pool": { input: "[512, 7, 7]", stages: "gap" },
  "elementwise chain": {
    input: "[64, 56, 56]",
    stages: "maxpool(2) -> mul(it, 0.5) -> add(it, 1) -> hardswish",
    except: /^(halo|relayout|max_pool)/,
  },
  softmax: { input: "[1000]", stages: "softmax" },
  "into a halo and out again": {
    input: "[64, 56, 56]",
    stages: "conv(64, 3x3)",
    except: /^conv/,
  },
};

const textOf = ({ input, stages }: KernelCase): string =>
  `model Kernel {\n  input x: f32${input}\n  ${stages}\n  output y\n}\n`;

async function loopsOf(kernel: KernelCase): Promise<string> {
  const winograd = kernel.winograd ? undefined : "off";
  const options: CompileOptions = { init: { kind: "he", seed: 0 }, winograd };
  const [report, source] = [new Report(), { kind: "text", text: textOf(kernel) } as const];
  const bound = bindModel(source, elaborateSource(source, options, report), options, report);
  const plan = planModel(optimise(bound, options, report).graph, options, report);
  expect(report.diagnostics).toEqual([]);
  const { except = moving } = kernel;
  const kernels = new Set(plan.module.functions.map(({ name }) => name));
  const fits = (name: string): boolean => kernels.has(name) && !except.test(name);
  return innerLoopKinds(await emitWat(plan.module), fits);
}

const goldenFile = fileURLToPath(new URL("inner-loops.txt", import.meta.url));

test("a pass of each kernel's inner loops takes the instructions that it took", async () => {
  const parts: string[] = [];
  for (const [name, kernel] of Object.entries(cases)) {
    const loops = await loopsOf(kernel);
    expect(loops, name).not.toBe("");
    parts.push(`# ${name}: ${kernel.input} ${kernel.stages}\n\n${loops}\n`);
  }
  const text = parts.join("\n");
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(goldenFile, text);
  expect(text).toBe(readFileSync(goldenFile, "utf8"));
});
