import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { farthest } from "../../scripts/round-trip/difference.js";
import { type Computed, computeFile } from "../../scripts/round-trip/outputs.js";
import { computeExported, computeImported } from "../../scripts/round-trip/trips.js";
import { networks } from "./networks.js";
import { runInOnnxruntime } from "./onnxruntime.js";

const targets = ["wasm", "ts"] as const;

describe.each(networks)("$name", ({ file, options, fill, reference, exportLimit }) => {
  const computed = new Map<string, Promise<Computed>>();
  const compute = (target: (typeof targets)[number]): Promise<Computed> => {
    const known = computed.get(target) ?? computeFile(file, { ...options, target }, fill);
    computed.set(target, known);
    return known;
  };

  test.each(targets)("%s computes what its own engine computes", async (target) => {
    const { inputs, outputs } = await compute(target);
    const expected = await reference(inputs);
    expect(
      Math.max(...expected.map(({ data }) => data.reduce((a, b) => Math.max(a, b)))),
    ).toBeGreaterThan(0.1);
    expect(farthest(outputs, expected).apart).toBeLessThanOrEqual(1e-4);
  });

  test.each(targets)("%s: imported as .cnn it computes the very same numbers", async (target) => {
    const { outputs } = await compute(target);
    const imported = await computeImported(file, { ...options, target }, fill);
    expect(farthest(imported.outputs, outputs).apart).toBe(0);
  });

  test("exported to ONNX it computes the same in onnxruntime", async () => {
    const here = await compute("wasm");
    const there = await computeExported(here, runInOnnxruntime);
    expect(farthest(there, here.outputs).apart).toBeLessThanOrEqual(exportLimit);
    if (!file.endsWith(".onnx")) return;
    const original = await runInOnnxruntime(readFileSync(file), here.inputs);
    expect(farthest(there, original).apart).toBeLessThanOrEqual(1e-5);
  });
});
