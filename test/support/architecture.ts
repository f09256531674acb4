import path from "node:path";
import { describe, expect, test } from "vitest";
import { wasmTarget } from "../../src/codegen/target.js";
import { compileFile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { sizeOf } from "../../src/ir/types.js";
import { compareLevels, complaint } from "./levels.js";
import { noise } from "./noise.js";

/**
 * What holds for every example architecture: the file's own asserts at full size, and, reduced by
 * `set` and with seeded weights, the same outputs from both targets as from the evaluator; level 1 keeps the
 * outputs, and changes of structure never cost predicted time.
 */
export function testArchitecture(
  name: string,
  set: Readonly<Record<string, number>>,
  limit = 1e-5,
): void {
  const file = path.join(import.meta.dirname, "..", "..", "examples", name, `${name}.cnn`);
  const init = { kind: "he", seed: 1 } as const;

  const prepare = async () => {
    const compiled = await compileFile(file, { set, init, target: "wasm" });
    const inputs = new Map(
      compiled.written.inputs.map(
        (input, i) => [input.name, noise(sizeOf(input.value.type.shape), i + 1)] as const,
      ),
    );
    return { compiled, expected: { inputs, outputs: evaluate(compiled.written, inputs) } };
  };
  let prepared: ReturnType<typeof prepare> | undefined;
  const once = () => {
    prepared ??= prepare();
    return prepared;
  };

  describe(name, () => {
    test.each(["wasm", "ts"] as const)(
      "computes what the evaluator computes: %s",
      async (target) => {
        const { compiled: first, expected } = await once();
        const compiled = target === "wasm" ? first : await compileFile(file, { set, init, target });
        const model = await instantiate(compiled);
        const actual = model.run(Object.fromEntries(expected.inputs));
        for (const [output, { data }] of expected.outputs) {
          const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
          const result = actual[output]!;
          expect(result.length).toBe(data.length);
          const worst = data.reduce((most, x, i) => Math.max(most, Math.abs(x - result[i]!)), 0);
          expect(worst / largest).toBeLessThan(limit);
        }
      },
    );

    test("level 1 keeps outputs and never costs predicted time", async () => {
      const { compiled, expected } = await once();
      expect(complaint(compareLevels(compiled.written, wasmTarget, expected))).toBeUndefined();
    });
  });
}
