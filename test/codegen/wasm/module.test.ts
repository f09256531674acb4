import { expect, test } from "vitest";
import {
  advance,
  FunctionBuilder,
  f32,
  i32,
  load,
  mulAdd,
  type Variable,
  vectorsOf,
} from "../../../src/codegen/loops/build.js";
import type { CallArgument, LoopFunction, LoopModule } from "../../../src/codegen/loops/types.js";
import { emitWasm, emitWat } from "../../../src/codegen/wasm/module.js";
import { InternalError } from "../../../src/diagnostics/report.js";

const v = vectorsOf({ lanes: 4 });
const address = (bytes: number): CallArgument => ({ kind: "address", bytes });

function moduleOf(functions: LoopFunction[], ...values: CallArgument[]): LoopModule {
  const schedule = functions.map(({ name }) => ({
    function: name,
    arguments: values,
    comment: name,
  }));
  return { functions, prepare: [], schedule, memoryBytes: 65536 };
}

function kernel(name: string, write: (f: FunctionBuilder, x: Variable, y: Variable) => void) {
  const f = new FunctionBuilder(name, "");
  write(f, f.param("x", "floats"), f.param("y", "floats"));
  return f.done();
}

/** One column of a matrix product: 16 steps, weights in vectors of four. */
const dot = kernel("dot", (f, x, y) => {
  const acc = f.let("acc", v.constant(0));
  const w = f.let("w", advance(x, 64));
  f.for("at", x, advance(x, 16), 1, (at) => {
    f.set(acc, mulAdd(v.loadSplat(at), v.load(w, 4), acc));
    f.set(w, advance(w, 4));
  });
  f.store(y, 0, acc);
});

async function run(loops: LoopModule, memory: WebAssembly.Memory): Promise<Float32Array> {
  const bytes = new Uint8Array(await emitWasm(loops));
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  (instance.exports.run as () => void)();
  return new Float32Array(memory.buffer);
}

/** The instructions of the only loop of a module, in order of the text. */
const loopInstructions = (wat: string): string[] => {
  const start = wat.indexOf("(loop ");
  let depth = 0;
  let end = start;
  do {
    if (wat[end] === "(") depth++;
    if (wat[end] === ")") depth--;
    end++;
  } while (depth > 0);
  return [...wat.slice(start, end).matchAll(/\(([a-z0-9_.]+)/g)].map(([, name]) => name ?? "");
};

test("the plain dot loop is nineteen instructions: one product, two advances, one branch", async () => {
  const wat = await emitWat(moduleOf([dot], address(0), address(1024)));
  expect(loopInstructions(wat).filter((name) => name !== "loop" && name !== "block")).toEqual([
    "local.set",
    "f32x4.add",
    "f32x4.mul",
    "v128.load32_splat",
    "local.get",
    "v128.load",
    "local.get",
    "local.get",
    "local.set",
    "i32.add",
    "local.get",
    "i32.const",
    "br_if",
    "i32.lt_u",
    "local.tee",
    "i32.add",
    "local.get",
    "i32.const",
    "local.get",
  ]);
  expect(wat).toContain("v128.load offset=16");
  expect(wat).not.toContain("(if");
});

test("a loop that may not run is tested once in front", async () => {
  const f = new FunctionBuilder("k", "");
  const [x, n] = [f.param("x", "floats"), f.param("n", "i32")];
  f.for("i", 0, n, 1, (i) => f.store(advance(x, i), 0, f32(1)));
  for (const [count, sum] of [
    [0, 0],
    [3, 3],
    [-1, 0],
  ] as const) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const floats = await run(
      moduleOf([f.done()], address(0), { kind: "i32", value: count }),
      memory,
    );
    expect(floats.slice(0, 8).reduce((a, b) => a + b)).toBe(sum);
  }
});

test.each([1, 2, 3, 4])("a store of %i lanes leaves the others alone", async (lanes) => {
  const store = kernel("k", (f, x, y) => f.store(y, 1, v.load(x), lanes));
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Float32Array(memory.buffer).set([1, 2, 3, 4]);
  const floats = await run(moduleOf([store], address(0), address(64)), memory);
  expect([...floats.slice(16, 22)]).toEqual([
    0,
    ...[1, 2, 3, 4].map((n) => (n <= lanes ? n : 0)),
    0,
  ]);
});

test("the schedule runs in order", async () => {
  const twice = kernel("twice", (f, x, y) =>
    f.store(y, 0, mulAdd(load("f32", y), 2, load("f32", x))),
  );
  const one = kernel("one", (f, x, y) => f.store(y, 0, load("f32", x, 1)));
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Float32Array(memory.buffer).set([5, 7]);
  const floats = await run(moduleOf([one, twice], address(0), address(64)), memory);
  expect(floats[16]).toBe(19);
});

test("equal loops give equal bytes", async () => {
  const loops = moduleOf([dot], address(0), address(1024));
  expect(await emitWasm(loops)).toEqual(await emitWasm(structuredClone(loops)));
});

test("memory is imported, and nothing but run is exported", async () => {
  const loops = moduleOf([dot], address(0), address(1024));
  const plain = await WebAssembly.compile(
    new Uint8Array(await emitWasm(loops, { memoryPages: 2 })),
  );
  expect(WebAssembly.Module.imports(plain)).toEqual([
    { module: "env", name: "memory", kind: "memory" },
  ]);
  expect(WebAssembly.Module.exports(plain)).toEqual([{ name: "run", kind: "function" }]);
  const small = new WebAssembly.Memory({ initial: 1 });
  await expect(WebAssembly.instantiate(plain, { env: { memory: small } })).rejects.toThrow(
    /memory/,
  );
});

test("addresses above 2 GiB are unsigned", async () => {
  const far = kernel("far", (f, x, y) => {
    f.for("p", x, advance(x, 4), 1, (p) => f.store(p, 0, load("f32", y, 2 ** 29 + 1)));
  });
  const values = [address(0xc0000000), address(0x80000000)];
  const wat = await emitWat({ ...moduleOf([far], ...values), memoryBytes: 2 ** 32 });
  expect(wat).toContain("(memory $memory 65536)");
  expect(wat).toContain("i32.const -1073741824");
  expect(wat).toContain("f32.load offset=2147483652");
  expect(wat).toContain("i32.lt_u");
});

test("hundreds of kernels emit in well under a second", async () => {
  await emitWasm(moduleOf([dot], address(0), address(1024)));
  const functions = Array.from({ length: 300 }, (_, n) =>
    kernel(`k${n}`, (f, x, y) => {
      const acc = Array.from({ length: 8 }, (_, i) => f.let(`acc${i}`, v.constant(n)));
      for (let ky = 0; ky < 3; ky++) {
        f.for("at", x, advance(x, 64), 1, (at) => {
          for (const [i, a] of acc.entries())
            f.set(a, mulAdd(v.loadSplat(at, i), v.load(y, 4 * i), a));
        });
      }
      for (const [i, a] of acc.entries()) f.store(y, 4 * i, a);
    }),
  );
  const start = process.cpuUsage();
  const bytes = await emitWasm(moduleOf(functions, address(0), address(1024)));
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(2);
  expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
});

test("loops that break the rules are not emitted", async () => {
  const f = new FunctionBuilder("k", "");
  f.store(f.param("x", "floats"), 0, f32(1));
  await expect(emitWasm(moduleOf([f.done()]))).rejects.toThrow(InternalError);
  await expect(
    emitWasm(moduleOf([f.done()], { kind: "i32", value: i32(1).kind.length })),
  ).rejects.toThrow(/address x/);
});
