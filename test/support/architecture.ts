import path from "node:path";
import { describe, expect, test } from "vitest";
import { compileFile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { sizeOf } from "../../src/ir/types.js";
import { noise } from "./noise.js";

/**
 * What holds for every example architecture: the file's own asserts at full size, and, reduced by
 * `set` and with seeded weights, the same outputs from both targets as from the evaluator.
 */
export function testArchitecture(
  name: string,
  set: Readonly<Record<string, number>>,
  limit = 1e-5,
): void {
  const file = path.join(import.meta.dirname, "..", "..", "examples", name, `${name}.cnn`);
  const init = { kind: "he", seed: 1 } as const;

  describe(name, () => {
    test.each(["wasm", "ts"] as const)(
      "computes what the evaluator computes: %s",
      async (target) => {
        const compiled = await compileFile(file, { set, init, target });
        const inputs = compiled.written.inputs.map(
          (input, i) => [input.name, noise(sizeOf(input.value.type.shape), i + 1)] as const,
        );
        const expected = evaluate(compiled.written, new Map(inputs));
        const model = await instantiate(compiled);
        const actual = model.run(Object.fromEntries(inputs));
        for (const [output, { data }] of expected) {
          const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
          const result = actual[output]!;
          expect(result.length).toBe(data.length);
          const worst = data.reduce((most, x, i) => Math.max(most, Math.abs(x - result[i]!)), 0);
          expect(worst / largest).toBeLessThan(limit);
        }
      },
    );
  });
}
