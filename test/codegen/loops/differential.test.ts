import fc from "fast-check";
import ts from "typescript";
import { expect, test } from "vitest";
import { type InterpretOptions, interpret } from "../../../src/codegen/loops/interpret.js";
import { simplifyModule } from "../../../src/codegen/loops/simplify.js";
import type { LoopModule } from "../../../src/codegen/loops/types.js";
import { emitTypescript } from "../../../src/codegen/typescript/module.js";
import { emitWasm } from "../../../src/codegen/wasm/module.js";
import { differences, fill, image, memoryBytes, randomModule } from "./programs.js";

const decisions = fc.array(fc.nat(1 << 20), { minLength: 40, maxLength: 400 });

function interpreted(loops: LoopModule, precision: InterpretOptions["precision"]) {
  const memory = new ArrayBuffer(memoryBytes);
  fill(memory);
  interpret(loops, memory, { precision });
  return image(memory);
}

async function inWasm(loops: LoopModule) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  fill(memory.buffer);
  const bytes = new Uint8Array(await emitWasm(loops, { memoryPages: 1 }));
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  (instance.exports.run as () => void)();
  return image(memory.buffer);
}

async function inTypescript(loops: LoopModule) {
  const memory = new ArrayBuffer(memoryBytes);
  fill(memory);
  const { kernels } = await emitTypescript(loops);
  const target = ts.ScriptTarget.ES2022;
  const script = ts.transpileModule(kernels, { compilerOptions: { target } }).outputText;
  new Function("m", "u8", `"use strict"; ${script}; run(m, u8);`)(
    new Float32Array(memory),
    new Uint8Array(memory),
  );
  return image(memory);
}

test("WebAssembly computes what the interpreter computes in float32, bit for bit", async () => {
  const property = fc.asyncProperty(decisions, async (list) => {
    const loops = randomModule(list, true);
    expect(differences(await inWasm(loops), interpreted(loops, "float32"))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 60, seed: 11 });
});

test("TypeScript computes what the interpreter computes in float64", async () => {
  const property = fc.asyncProperty(decisions, async (list) => {
    const loops = randomModule(list, false);
    expect(differences(await inTypescript(loops), interpreted(loops, "float64"))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 60, seed: 12 });
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
    { numRuns: 100, seed: 13 },
  );
});
