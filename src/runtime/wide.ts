import type { Description } from "./description.js";
import { portOf } from "./tensor.js";
import { memoryFor, sharingMemory, type Threading } from "./threads.js";

/** Kernels whose pairs of vectors are single ones of 256 bits, or why there are none. */
export interface Widened {
  readonly module?: WebAssembly.Module;
  readonly reason?: string;
}

/** What V8 is told for the time of one compilation, and afterwards. */
const widening = ["experimental-wasm-revectorize", "no-liftoff", "no-wasm-lazy-compilation"];
const usual = ["no-experimental-wasm-revectorize", "liftoff", "wasm-lazy-compilation"];

/**
 * Compiles the kernels a second time with V8's experimental re-vectoriser. They are used if they give,
 * bit for bit, what the plain ones give on seeded inputs.
 */
export async function widen(
  description: Description,
  plain: WebAssembly.Module,
  bytes: Uint8Array | undefined,
  memory: ArrayBufferLike,
  threading: Threading,
): Promise<Widened> {
  const reason = obstacle();
  if (reason) return { reason };
  if (!bytes) return { reason: "wasm is a compiled module, and only bytes can be compiled again" };
  const module = await compileWide(threading.threads > 1 ? sharingMemory(bytes) : bytes);
  if (await sameAnswers(description, [plain, module], memory, threading)) return { module };
  return { reason: "the wide kernels gave other results than the plain ones" };
}

/** Why this host has no wide mode. */
function obstacle(): string | undefined {
  const { process } = globalThis as { process?: { versions?: { node?: string }; arch?: string } };
  if (!(Number.parseInt(process?.versions?.node ?? "", 10) >= 24))
    return "it needs Node 24 or later";
  return process?.arch === "x64" ? undefined : "it needs a processor of the x64 family";
}

/** A section of its own makes the bytes differ: V8 gives equal bytes the code that it has. */
async function compileWide(bytes: Uint8Array): Promise<WebAssembly.Module> {
  const specifier = "node:v8";
  const { setFlagsFromString } = await import(
    /* webpackIgnore: true */ /* @vite-ignore */ specifier
  );
  for (const flag of widening) setFlagsFromString(`--${flag}`);
  try {
    return new WebAssembly.Module(new Uint8Array([...bytes, 0, 5, 4, 119, 105, 100, 101]));
  } finally {
    for (const flag of usual) setFlagsFromString(`--${flag}`);
  }
}

/** Whether modules give the same bits on the same inputs, each in a memory of its own with these weights. */
export async function sameAnswers(
  description: Description,
  modules: readonly WebAssembly.Module[],
  memory: ArrayBufferLike,
  threading: Threading,
): Promise<boolean> {
  const { weightAddress, weightBytes, memoryBytes } = description;
  let first: Uint8Array[] | undefined;
  for (const module of modules) {
    const own = memoryFor(memoryBytes, threading);
    const weights = new Uint8Array(memory, weightAddress, weightBytes);
    new Uint8Array(own.buffer).set(weights, weightAddress);
    const { exports } = await WebAssembly.instantiate(module, { env: { memory: own } });
    const { prepare, run } = exports;
    if (typeof prepare === "function") prepare();
    for (const input of description.inputs) {
      const { view } = portOf(input, own.buffer);
      for (let i = 0; i < view.length; i++) view[i] = noise(i, input.dtype === "uint8");
    }
    if (typeof run === "function") run();
    const answer = description.outputs.map((output) => {
      const { buffer, byteOffset, byteLength } = portOf(output, own.buffer).view;
      return new Uint8Array(buffer, byteOffset, byteLength);
    });
    first ??= answer;
    if (!answer.every((bytes, i) => bytes.every((byte, at) => byte === first?.[i]?.[at]))) {
      return false;
    }
  }
  return true;
}

/** Bytes, or numbers from −1 to 1. */
function noise(index: number, isByte: boolean): number {
  const byte = (Math.imul(index + 1, 0x9e3779b1) >>> 13) & 255;
  return isByte ? byte : byte / 127.5 - 1;
}
