import ts from "typescript";
import { type InterpretOptions, interpret } from "../../../src/codegen/loops/interpret.js";
import type { LoopModule } from "../../../src/codegen/loops/types.js";
import { emitTypescript } from "../../../src/codegen/typescript/module.js";
import { emitWasm } from "../../../src/codegen/wasm/module.js";
import { fill, image, memoryBytes } from "./programs.js";

/** The memory after a run in the interpreter. */
export function interpreted(loops: LoopModule, precision: InterpretOptions["precision"]) {
  const memory = new ArrayBuffer(memoryBytes);
  fill(memory);
  interpret(loops, memory, { precision });
  return image(memory);
}

/** The memory after a run as WebAssembly. */
export async function inWasm(loops: LoopModule) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  fill(memory.buffer);
  const bytes = new Uint8Array(await emitWasm(loops, { memoryPages: 1 }));
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  (instance.exports.run as () => void)();
  return image(memory.buffer);
}

/** The memory after a run as TypeScript. */
export async function inTypescript(loops: LoopModule) {
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
