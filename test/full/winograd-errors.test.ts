import path from "node:path";
import { expect, test } from "vitest";
import { compileFile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { sizeOf } from "../../src/ir/types.js";
import { relativeError } from "../support/close.js";
import { noise } from "../support/noise.js";

const examples = path.join(import.meta.dirname, "..", "..", "examples");

/** Networks of 3×3 convolutions, wide enough for Winograd and small enough for the evaluator. */
const networks = [
  ["resnet18", { size: 128 }],
  ["vgg16", { size: 64 }],
  ["unet", { size: 64, width: 0.5 }],
  ["googlenet", { size: 112 }],
  ["densenet121", { size: 112 }],
] as const;

test.each(networks)(
  "%s with Winograd convolutions stays within 1e-4 of the largest output",
  async (name, set) => {
    const file = path.join(examples, name, `${name}.cnn`);
    const compiled = await compileFile(file, { set, init: { kind: "he", seed: 1 } });
    const kernels = compiled.report.layers.map(({ kernel }) => kernel);
    expect(kernels.filter((kernel) => kernel.startsWith("winograd")).length).toBeGreaterThan(0);
    const inputs = compiled.written.inputs.map(
      (input, i) => [input.name, noise(sizeOf(input.value.type.shape), i + 1)] as const,
    );
    const expected = evaluate(compiled.written, new Map(inputs));
    const actual = (await instantiate(compiled)).run(Object.fromEntries(inputs));
    for (const [output, { data }] of expected) {
      const result = actual[output];
      expect(result).toBeInstanceOf(Float32Array);
      expect(relativeError(Float32Array.from(result ?? []), data)).toBeLessThanOrEqual(1e-4);
    }
  },
);
