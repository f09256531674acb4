import fc from "fast-check";
import { expect, test } from "vitest";
import { simplifyModule } from "../../../src/codegen/loops/simplify.js";
import { differences, randomModule } from "./programs.js";
import { inTypescript, interpreted, inWasm } from "./targets.js";

const decisions = fc.array(fc.nat(1 << 20), { minLength: 400, maxLength: 1200, size: "max" });

test("WebAssembly computes what the interpreter computes in float32, bit for bit", async () => {
  const property = fc.asyncProperty(decisions, async (list) => {
    const loops = randomModule(list, true);
    expect(differences(await inWasm(loops), interpreted(loops, "float32"))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 20, seed: 11, interruptAfterTimeLimit: 20_000 });
});

test("TypeScript computes what the interpreter computes in float64", async () => {
  const property = fc.asyncProperty(decisions, async (list) => {
    const loops = randomModule(list, false);
    expect(differences(await inTypescript(loops), interpreted(loops, "float64"))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 20, seed: 12, interruptAfterTimeLimit: 20_000 });
});

test("simplifying changes no bit in either precision", () => {
  fc.assert(
    fc.property(decisions, (list) => {
      const loops = randomModule(list, true);
      const less = simplifyModule(loops);
      expect(differences(interpreted(less, "float32"), interpreted(loops, "float32"))).toEqual([]);
      const scalar = randomModule(list, false);
      expect(
        differences(interpreted(simplifyModule(scalar), "float64"), interpreted(scalar, "float64")),
      ).toEqual([]);
    }),
    { numRuns: 30, seed: 13, interruptAfterTimeLimit: 20_000 },
  );
});
