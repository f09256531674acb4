import ts from "typescript";
import { expect, test } from "vitest";
import { decodeHalves } from "../../../src/codegen/kernels/decode-halves.js";
import { interpret } from "../../../src/codegen/loops/interpret.js";
import type { LoopModule } from "../../../src/codegen/loops/types.js";
import { emitTypescript } from "../../../src/codegen/typescript/module.js";
import { emitWasm } from "../../../src/codegen/wasm/module.js";
import { halfToNumber } from "../../../src/weights/store.js";

/** Halves whose word is no f32 NaN: the compiler writes 0x7e00 for all that is no number. */
const isWritten = (bits: number) => (bits & 0x7fff) <= 0x7c00 || (bits & 0x7fff) === 0x7e00;
const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits * 9 + (bits >> 13)).map(
  (bits) => (isWritten(bits) ? bits : 0x7e00),
);
const numbers = Float32Array.from(halves, halfToNumber);
const bytes = numbers.byteLength;

const decoding = (lanes: 4 | 1): LoopModule => ({
  functions: [decodeHalves({ lanes })],
  prepare: [],
  schedule: [0, 0.25].map((start) => ({
    function: "decodeHalves",
    arguments: [
      bytes / 2 + (start * bytes) / 2,
      start * bytes,
      start === 0 ? bytes / 4 : bytes,
    ].map((at) => ({ kind: "address", bytes: at })),
    comment: "all halves",
  })),
  memoryBytes: bytes,
});

/** Halves in the second half of the numbers' place. */
function filled(buffer: ArrayBuffer): ArrayBuffer {
  new Uint16Array(buffer, bytes / 2, halves.length).set(halves);
  return buffer;
}

const expectNumbers = (buffer: ArrayBuffer) => {
  const found = new Float32Array(buffer, 0, numbers.length);
  const wrong = numbers.findIndex((number, i) => !Object.is(number, found[i]));
  expect([wrong, found[wrong]]).toEqual([-1, undefined]);
};

test.each([
  [4, "float32"],
  [1, "float64"],
] as const)("the interpreter decodes every half with %i lanes in %s", (lanes, precision) => {
  const memory = filled(new ArrayBuffer(bytes));
  interpret(decoding(lanes), memory, { precision });
  expectNumbers(memory);
});

test("WebAssembly decodes every half in place", async () => {
  const memory = new WebAssembly.Memory({ initial: bytes / 65536 });
  filled(memory.buffer);
  const code = new Uint8Array(await emitWasm(decoding(4)));
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  const { run } = instance.exports;
  if (typeof run === "function") run();
  expectNumbers(memory.buffer);
});

test("TypeScript decodes every half in place", async () => {
  const memory = filled(new ArrayBuffer(bytes));
  const { kernels } = await emitTypescript(decoding(1));
  const compilerOptions = { target: ts.ScriptTarget.ES2022 };
  const script = ts.transpileModule(kernels, { compilerOptions }).outputText;
  new Function("m", `"use strict"; ${script}; run(m);`)(new Float32Array(memory));
  expectNumbers(memory);
});
