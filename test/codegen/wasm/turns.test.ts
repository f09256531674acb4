import { expect, test } from "vitest";
import {
  add,
  advance,
  convert,
  FunctionBuilder,
  i32,
  load,
} from "../../../src/codegen/loops/build.js";
import type { Call, CallRange, LoopModule } from "../../../src/codegen/loops/types.js";
import { emitWasm } from "../../../src/codegen/wasm/module.js";

/** Bytes: numbers of the units, spans that were computed, what threads share. */
const [logAddress, blockAddress] = [1024, 8192];
/** i32 words of what threads share. */
const words = { first: 1, done: 32, next: 64 };
const lineWords = 32;

/** Adds one to the number of each unit, and notes the span: its start, its end, for every call. */
function counting() {
  const f = new FunctionBuilder("count", "");
  const [numbers, log] = [f.param("numbers", "floats"), f.param("log", "floats")];
  const [start, end] = [f.param("start", "i32"), f.param("end", "i32")];
  f.for("i", start, end, 1, (i) => {
    const at = f.let("at", advance(numbers, i));
    f.store(at, 0, add(load("f32", at), 1));
  });
  const length = f.let("length", load("f32", log));
  const last = f.let("last", advance(log, convert("truncate", "i32", length)));
  f.store(last, 1, convert("convert", "f32", add(start, i32(0))));
  f.store(last, 2, convert("convert", "f32", add(end, i32(0))));
  f.store(log, 0, add(length, 2));
  return f.done();
}

const call = (range?: CallRange, numbers = 0): Call => ({
  function: "count",
  arguments: [
    { kind: "address", bytes: numbers },
    { kind: "address", bytes: logAddress },
    ...(range
      ? ([{ kind: "rangeStart" }, { kind: "rangeEnd" }] as const)
      : ([
          { kind: "i32", value: 0 },
          { kind: "i32", value: 1 },
        ] as const)),
  ],
  comment: "",
  ...(range ? { range } : {}),
});

const moduleOf = (schedule: readonly Call[], prepare: readonly Call[] = []): LoopModule => ({
  functions: [counting()],
  prepare,
  schedule,
  memoryBytes: 16384,
});

type List = (block: number, thread: number, threads: number) => void;

/** A module's entries, over one memory; `instance` makes another thread's. */
async function threadsOf(loops: LoopModule) {
  const module = await WebAssembly.compile(new Uint8Array(await emitWasm(loops)));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const instance = () => {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return exports as { run(): void; work: List; prepareWork?: List };
  };
  const state = new Int32Array(memory.buffer, blockAddress, 64 + 8 * lineWords);
  const floats = new Float32Array(memory.buffer);
  const spans = () => {
    const log = [...floats.slice(logAddress / 4, blockAddress / 4)];
    return Array.from({ length: log[0]! / 2 }, (_, i) => [log[2 * i + 1]!, log[2 * i + 2]!]);
  };
  return { instance, state, spans, numbers: (count: number) => [...floats.slice(0, count)] };
}

const exportsOf = async (loops: LoopModule): Promise<string[]> => {
  const module = await WebAssembly.compile(new Uint8Array(await emitWasm(loops)));
  return WebAssembly.Module.exports(module).map(({ name }) => name);
};

test("a schedule that threads can share has their entries, another has not", async () => {
  const shared = call({ units: 2, parts: 1, least: 1 });
  expect(await exportsOf(moduleOf([shared]))).toEqual(["run", "work"]);
  expect(await exportsOf(moduleOf([shared], [call()]))).toEqual([
    "prepare",
    "run",
    "prepareWork",
    "work",
  ]);
  expect(await exportsOf(moduleOf([call()], [shared]))).toEqual(["prepare", "run"]);
  expect(await exportsOf(moduleOf([call({ units: 2, parts: 1, least: 2 })]))).toEqual(["run"]);
  expect(await exportsOf(moduleOf([call({ units: 2, parts: 1 })]))).toEqual(["run"]);
});

test.each([1, 2, 3, 5])("turns of %i threads are every unit once, in order", async (threads) => {
  for (const [units, least] of [
    [200, 1],
    [7, 1],
    [7, 2],
    [56, 10],
    [2, 1],
  ] as const) {
    const { instance, spans, state } = await threadsOf(
      moduleOf([call({ units, parts: 1, least })]),
    );
    instance().work(blockAddress, 0, threads);
    const list = spans();
    expect(list[0]![0]).toBe(0);
    expect(list.at(-1)![1]).toBe(units);
    list.slice(1).forEach(([start], i) => {
      expect(start).toBe(list[i]![1]);
    });
    const borders = Array.from({ length: threads }, (_, i) =>
      Math.ceil(((i + 1) * units) / threads),
    );
    for (const [start, end] of list) {
      if (!borders.includes(end!)) expect(end! - start!).toBeGreaterThanOrEqual(least);
    }
    expect(state[words.done]).toBe(units);
  }
});

test("each thread begins with its own share, and helps the others when that is done", async () => {
  const { instance, spans } = await threadsOf(moduleOf([call({ units: 40, parts: 1, least: 8 })]));
  instance().work(blockAddress, 2, 3);
  expect(spans()).toEqual([
    [27, 35],
    [35, 40],
    [0, 8],
    [8, 14],
    [14, 22],
    [22, 27],
  ]);
});

test("a thread alone does all: neighbours that cannot be shared are one turn", async () => {
  const schedule = [call(), call(), call({ units: 9, parts: 3, least: 1 }), call()];
  const { instance, numbers, spans, state } = await threadsOf(moduleOf(schedule));
  instance().work(blockAddress, 0, 4);
  expect(numbers(10)).toEqual([4, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
  expect(state[words.done]).toBe(1 + 9 + 1);
  expect(spans().slice(0, 2)).toEqual([
    [0, 1],
    [0, 1],
  ]);
});

test("a call whose units are too few to share is made whole", async () => {
  const schedule = [call({ units: 3, parts: 2, least: 3 }), call({ units: 2, parts: 1, least: 1 })];
  const { instance, spans } = await threadsOf(moduleOf(schedule));
  instance().work(blockAddress, 0, 2);
  expect(spans()[0]).toEqual([0, 3]);
});

test("a thread that comes late to a list does nothing, even when others have begun", async () => {
  const shared = call({ units: 9, parts: 1, least: 1 });
  const { instance, numbers, state } = await threadsOf(moduleOf([shared, call()], [shared]));
  const [first, late] = [instance(), instance()];
  first.prepareWork?.(blockAddress, 0, 2);
  state[words.first] = state[words.done]!;
  first.work(blockAddress, 0, 2);
  const before = [...state];
  late.prepareWork?.(blockAddress, 1, 2);
  late.work(blockAddress, 1, 2);
  expect([...state]).toEqual(before);
  expect(numbers(2)).toEqual([3, 2]);
});

test("units are counted on where the counters wrap", async () => {
  const { instance, numbers, state } = await threadsOf(
    moduleOf([call({ units: 9, parts: 1, least: 1 }), call()]),
  );
  const start = 2 ** 31 - 4;
  const counters = [words.next, words.next + lineWords];
  for (const word of [words.first, words.done, ...counters]) state[word] = start;
  instance().work(blockAddress, 0, 2);
  expect(numbers(3)).toEqual([2, 1, 1]);
  expect(state[words.done]).toBe((start + 10) | 0);
});

test("a turn that is never handed in ends the wait with a trap", async () => {
  const { instance, state } = await threadsOf(moduleOf([call({ units: 4, parts: 1, least: 1 })]));
  state[words.next] = 1;
  expect(() => instance().work(blockAddress, 0, 2)).toThrow(WebAssembly.RuntimeError);
});
