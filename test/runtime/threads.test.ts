import { afterEach, expect, test, vi } from "vitest";
import { emitWasm } from "../../src/codegen/wasm/module.js";
import {
  memoryFor,
  sharingMemory,
  startEngine,
  type Threading,
  threadingFor,
} from "../../src/runtime/threads.js";
import * as g from "../support/graphs.js";
import { sharedPlan } from "../support/shared-model.js";

afterEach(() => vi.unstubAllGlobals());

/** i32 words of what threads share, at the first multiple of 128 bytes behind the arena. */
const words = { patience: 2, done: 32, next: 64 };
const two: Threading = { threads: 2, threadsReason: undefined };

/** Kernels that three threads can share, and the memory they do it in. */
async function engineOf(threading: Threading) {
  const graph = g.returns(g.relu(g.conv(g.image(3, 11, 7), 9)));
  const { module: loops } = sharedPlan(graph);
  const bytes = sharingMemory(await emitWasm(loops));
  const memory = memoryFor(loops.memoryBytes, threading);
  const module = await WebAssembly.compile(bytes);
  const engine = await startEngine(module, memory, loops.memoryBytes, threading);
  const block = 128 * Math.ceil(loops.memoryBytes / 128);
  return { engine, state: new Int32Array(memory.buffer, block) };
}

test("one thread is used without a reason where no more are asked for", () => {
  expect(threadingFor(1, undefined, true)).toEqual({ threads: 1, threadsReason: undefined });
});

test.each<[string, boolean, boolean, Record<string, unknown>]>([
  ["no step of the model is worth sharing", false, false, {}],
  ["wasm is a compiled module, and only bytes can be made to share memory", true, true, {}],
  ["there is no SharedArrayBuffer", true, false, { SharedArrayBuffer: undefined }],
  [
    "the page is not cross-origin isolated",
    true,
    false,
    { SharedArrayBuffer: undefined, crossOriginIsolated: false },
  ],
])("%s", (threadsReason, isShareable, isCompiled, globals) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  expect(threadingFor(3, isShareable, isCompiled)).toEqual({ threads: 1, threadsReason });
});

test("as many threads are used as asked for, 64 at most", () => {
  expect(threadingFor(3, true, false)).toEqual({ threads: 3, threadsReason: undefined });
  const most = { threads: 64, threadsReason: "64 threads are the most" };
  expect(threadingFor(1000, true, false)).toEqual(most);
});

test("a memory for several threads is shared and has room for what they share", () => {
  const one = memoryFor(65536, { threads: 1, threadsReason: undefined });
  expect(one.buffer).toBeInstanceOf(ArrayBuffer);
  expect(one.buffer.byteLength).toBe(65536);
  const shared = memoryFor(65536, two);
  expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shared.buffer.byteLength).toBe(2 * 65536);
});

test("only the flags of the memory's import change, in a copy", async () => {
  const { module } = sharedPlan(g.returns(g.conv(g.image(1, 5, 5), 2)));
  const bytes = await emitWasm(module);
  const before = bytes.slice();
  const shared = sharingMemory(bytes);
  expect(bytes).toEqual(before);
  expect([...shared].filter((byte, i) => byte !== bytes[i])).toEqual([3]);
  expect(WebAssembly.validate(shared)).toBe(true);
});

test("a turn that never ends is an error, at once for all later runs too", async () => {
  const { engine, state } = await engineOf(two);
  engine.infer();
  state[words.patience] = 0;
  state[words.next] = state[words.done]! + 1;
  expect(() => engine.infer()).toThrow("a thread stopped in the middle of its work");
  state[words.done]!++;
  expect(() => engine.infer()).toThrow("load the model again");
  engine.stop?.();
});

test("a worker that ended between two runs is not waited for", async () => {
  const { engine } = await engineOf(two);
  engine.stop?.();
  engine.infer();
  expect(engine.threads).toBe(2);
});

test("workers make whole runs when the caller's thread makes none of it", async () => {
  const { engine, state } = await engineOf({ threads: 3, threadsReason: undefined });
  engine.infer();
  const units = state[words.done]!;
  state[1] = units;
  Atomics.add(state, 0, 1);
  Atomics.notify(state, 0);
  await vi.waitFor(() => expect(state[words.done]).toBe(2 * units));
  engine.stop?.();
});
