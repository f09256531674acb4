import { expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { relativeL2 } from "../support/close.js";
import { noise } from "../support/noise.js";

const tensor = (shape: readonly number[], data: Float32Array) =>
  ({ dtype: "float32", shape, data }) as const;

/** Twelve filters of which five weigh a thousandth. */
function weights() {
  const first = noise(12 * 3 * 9, 3).map((w, at) => (Math.floor(at / 27) % 5 < 2 ? w / 1e3 : w));
  return {
    "a.weight": tensor([12, 3, 3, 3], first),
    "a.bias": tensor([12], noise(12, 4, 0.1, 1)),
    "b.weight": tensor([8, 12, 3, 3], noise(8 * 12 * 9, 5)),
    "b.bias": tensor([8], noise(8, 6)),
  };
}

const source = (lines: string) => `model M {
  input x: f32[3, 24, 24]  a: conv(12, 3x3) -> relu  b: conv(8, 3x3, pad=0)
  output y optimize { ${lines} } }`;

const image = (seed: number) => noise(3 * 24 * 24, seed);

test.each(["ts", "wasm"] as const)(
  "channels are pruned within a line's grant, in %s",
  async (target) => {
    for (const calibrate of [undefined, [1, 2, 3, 4].map((seed) => ({ x: image(seed) }))]) {
      const compiled = await compile(source("prune(within=0.05)"), {
        weights: weights(),
        target,
        ...(calibrate ? { calibrate } : {}),
      });
      const { rewrites, gate, macs, macsAsWritten } = compiled.report;
      expect(rewrites[0]).toMatchObject({ pass: "apply-grants", layer: "a", label: "approximate" });
      expect(rewrites[0]?.family).toMatch(/^prunes [5-9] of 12 channels$/);
      expect(macs).toBeLessThan(0.65 * macsAsWritten);
      expect(gate).toMatchObject({ data: calibrate ? "held-out" : "noise", undone: [] });
      const x = image(9);
      const expected = evaluate(compiled.written, new Map([["x", x]])).get("y")!.data;
      const actual = (await instantiate(compiled)).run({ x }).y as Float32Array;
      expect(relativeL2(actual, expected)).toBeLessThan(0.05);
      expect(relativeL2(actual, expected)).toBeGreaterThan(1e-6);
    }
  },
);

test("the option grants pruning, too; without either nothing is pruned", async () => {
  const options = { weights: weights(), target: "ts" } as const;
  const { report } = await compile(source("winograd(off)"), { ...options, tolerance: 0.05 });
  expect(report.rewrites.some(({ family }) => family?.startsWith("prunes"))).toBe(true);
  const plain = await compile(source("winograd(off)"), options);
  expect(plain.report.rewrites).toEqual([]);
  expect(plain.report.macs).toBe(plain.report.macsAsWritten);
});
