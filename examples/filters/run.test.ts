import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { compileFile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { sizeOf } from "../../src/ir/types.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { expectClose } from "../../test/support/close.js";
import { noise } from "../../test/support/noise.js";
import { kernels } from "./kernels.js";

const fileOf = (name: string): string => path.join(import.meta.dirname, name);

test.each(Object.entries(kernels))("the weights of %s are those of its formula", (name, kernel) => {
  const bytes = writeSafetensors({ "filter.weight": { dtype: "float32", ...kernel } });
  expect(readFileSync(fileOf(`${name}.safetensors`)).equals(bytes)).toBe(true);
});

describe.each(["wasm", "ts"] as const)("filters, target %s", (target) => {
  test.each([
    ["Blur", /^15x15 = depth-wise .*, rank 1$/],
    ["Sobel", /^5x5 = .*, rank [12]$/],
    ["Gabor", /^7x7 = .*, rank \d$/],
    ["Bilinear", /^8x8 = depth-wise .*, rank 1$/],
    ["Log", /^11x11 = depth-wise .*, rank 2$/],
  ])("%s is taken apart and computes what it is written to", async (model, family) => {
    // Odd sizes, so that no tile fits.
    const set = { size: model === "Bilinear" ? 19 : 37 };
    const compiled = await compileFile(fileOf("filters.cnn"), { model, set, target });
    const changes = compiled.report.rewrites.filter(({ pass }) => pass === "separate-kernels");
    expect(changes[0]?.family).toMatch(family);
    for (const { macsBefore, macsAfter, label } of changes) {
      expect(macsAfter).toBeLessThan(macsBefore);
      expect(label).toBe("rounding");
    }
    const [input] = compiled.written.inputs;
    const data = noise(sizeOf(input!.value.type.shape), 5);
    const expected = evaluate(compiled.written, new Map([[input!.name, data]]));
    const ready = await instantiate(compiled);
    const results = ready.run({ [input!.name]: data });
    for (const [name, { data: wanted }] of expected) {
      expectClose(results[name] as Float32Array, wanted, 2e-6);
    }
  });
});
