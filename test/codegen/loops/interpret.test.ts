import { expect, test } from "vitest";
import {
  add,
  advance,
  FunctionBuilder,
  f32,
  i32,
  load,
  mul,
  type Variable,
  vectorsOf,
} from "../../../src/codegen/loops/build.js";
import { interpret, prepare } from "../../../src/codegen/loops/interpret.js";
import type { LoopModule } from "../../../src/codegen/loops/types.js";

function moduleOf(write: (f: FunctionBuilder, x: Variable) => void): LoopModule {
  const f = new FunctionBuilder("k", "");
  write(f, f.param("x", "floats"));
  const schedule = [
    { function: "k", arguments: [{ kind: "address" as const, bytes: 8 }], comment: "" },
  ];
  return { functions: [f.done()], prepare: [], schedule, memoryBytes: 64 };
}

test("float32 rounds after every operation, float64 only in memory", () => {
  const loops = moduleOf((f, x) => f.store(x, 0, add(add(load("f32", x), 1e8), -1e8)));
  const run = (precision: "float32" | "float64") => {
    const memory = new ArrayBuffer(64);
    const floats = new Float32Array(memory);
    floats[2] = 1.25;
    interpret(loops, memory, { precision });
    return floats[2];
  };
  expect(run("float32")).toBe(0);
  expect(run("float64")).toBe(1.25);
});

test.each<[string, (f: FunctionBuilder, x: Variable) => void, RegExp]>([
  [
    "a load behind the end",
    (f, x) => f.store(x, 0, load("f32", x, 14)),
    /function k: 1 elements at floats\[2 \+ 14\] of 16/,
  ],
  [
    "a vector across the end",
    (f, x) => f.store(x, 0, load("f32x4", x, 11)),
    /4 elements at floats\[2 \+ 11\]/,
  ],
  [
    "a partial store across the end",
    (f, x) => f.store(x, 12, vectorsOf({ lanes: 4 }).constant(1), 3),
    /3 elements/,
  ],
  [
    "a base in front of memory",
    (f, x) => {
      const p = f.let("p", advance(x, -4));
      f.store(p, 4, f32(1));
    },
    /floats\[-2 \+ 4\]/,
  ],
])("%s is refused", (_, write, message) => {
  expect(() => interpret(moduleOf(write), new ArrayBuffer(64), { precision: "float32" })).toThrow(
    message,
  );
});

test("the last element may be read and written", () => {
  const loops = moduleOf((f, x) => {
    f.store(x, 11, vectorsOf({ lanes: 4 }).constant(3), 3);
    f.store(x, 10, load("f32", x, 13));
  });
  const memory = new ArrayBuffer(64);
  interpret(loops, memory, { precision: "float32" });
  expect([...new Float32Array(memory, 48)]).toEqual([3, 3, 3, 3]);
});

test("float64 refuses what would not fit 32 bits, float32 wraps", () => {
  const loops = moduleOf((f, x) => {
    const n = f.let("n", i32(65536));
    f.if(
      mul(n, n),
      () => f.store(x, 0, f32(1)),
      () => f.store(x, 0, f32(2)),
    );
  });
  const memory = new ArrayBuffer(64);
  interpret(loops, memory, { precision: "float32" });
  expect(new Float32Array(memory)[2]).toBe(2);
  expect(() => interpret(loops, memory, { precision: "float64" })).toThrow(/overflow/);
});

test("a prepared schedule runs again and again", () => {
  const memory = new ArrayBuffer(64);
  const run = prepare(
    moduleOf((f, x) => f.store(x, 0, add(load("f32", x), 1))),
    memory,
    { precision: "float64" },
  );
  run();
  run();
  expect(new Float32Array(memory)[2]).toBe(2);
});
