import { expect, test, vi } from "vitest";
import { topOf } from "../../src/runtime/classes.js";
import type { Description } from "../../src/runtime/description.js";
import { createModel } from "../../src/runtime/model.js";

const tensor = { dtype: "float32", layout: "row-major" } as const;
const names = ["__proto__", "a b", "constructor"] as const;

/** Two inputs of 2 and 3 values; the outputs are their sums with the first input's values. */
const description: Description = {
  name: "sums",
  inputs: [
    { ...tensor, name: names[0], shape: [1, 2], address: 0 },
    { ...tensor, name: names[1], shape: [3], address: 8 },
  ],
  outputs: [
    { ...tensor, name: names[2], shape: [1, 2], address: 24 },
    { ...tensor, name: names[0], shape: [1], dtype: "uint8", address: 32 },
  ],
  macs: 7,
  weightBytes: 0,
  weightAddress: 0,
  memoryBytes: 40,
  hash: { weights: "" },
};

function sums() {
  const buffer = new ArrayBuffer(description.memoryBytes);
  const floats = new Float32Array(buffer);
  const bytes = new Uint8Array(buffer);
  const infer = () => {
    const sum = floats[2]! + floats[3]! + floats[4]!;
    floats[6] = floats[0]! + sum;
    floats[7] = floats[1]! + sum;
    bytes[32] = 200 + sum;
  };
  return createModel(
    description,
    { buffer, infer, threads: 1, threadsReason: undefined },
    { variant: "baseline" },
  );
}

const feeds = () => ({
  [names[0]]: Float32Array.of(0.5, -1),
  [names[1]]: Float32Array.of(1, 2, 3),
});

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return "nothing thrown";
};

test("results have the outputs' types and names, whatever they are called, and no prototype", () => {
  const results = sums().run(feeds());
  expect(Object.getPrototypeOf(results)).toBe(null);
  expect(Object.keys(results)).toEqual([names[2], names[0]]);
  expect(results[names[2]]).toEqual(Float32Array.of(6.5, 5));
  expect(results[names[0]]).toEqual(Uint8Array.of(206));
});

test("a model tells its tensors in its own order, without a prototype", () => {
  const model = sums();
  expect(model.inputNames).toEqual([names[0], names[1]]);
  expect(model.outputNames).toEqual([names[2], names[0]]);
  expect(Object.getPrototypeOf(model.inputs)).toBe(null);
  expect(model.inputs[names[1]]).toEqual({ shape: [3], dtype: "float32", layout: "row-major" });
  expect(model.outputs[names[0]]?.dtype).toBe("uint8");
  expect(model.macs).toBe(7);
  expect(model.classify).toBe(undefined);
});

test("results go into the arrays that the caller gives, and into new ones for the others", () => {
  const mine = new Float32Array(2);
  const model = sums();
  const results = model.run(feeds(), { [names[2]]: mine });
  expect(results[names[2]]).toBe(mine);
  expect(mine).toEqual(Float32Array.of(6.5, 5));
  expect(model.run(feeds())[names[2]]).not.toBe(mine);
});

test("runAsync gives the same results, and errors as a rejection", async () => {
  const model = sums();
  expect((await model.runAsync(feeds()))[names[2]]).toEqual(Float32Array.of(6.5, 5));
  await expect(model.runAsync({})).rejects.toThrow('missing input "__proto__", "a b"');
});

test("a model tells its engine's threads, and disposing ends them once", () => {
  const stop = vi.fn();
  const threads = { threads: 3, threadsReason: "why not more" };
  const engine = { buffer: new ArrayBuffer(40), infer: () => {}, stop, ...threads };
  const model = createModel(description, engine, { variant: "relaxed", wideReason: "no" });
  expect(model).toMatchObject({ ...threads, variant: "relaxed", wideReason: "no" });
  model.run(feeds());
  expect(stop).not.toHaveBeenCalled();
  model.dispose();
  model.dispose();
  expect(stop).toHaveBeenCalledOnce();
});

test("a disposed model says so, and disposing twice is fine", () => {
  const model = sums();
  model.dispose();
  model.dispose();
  expect(messageOf(() => model.run(feeds()))).toBe(
    'Error: model "sums" was disposed and cannot run',
  );
});

test.each<[string, unknown, string]>([
  ["nothing", undefined, "run wants an object of inputs by name, got undefined"],
  ["an array", Float32Array.of(1), "by name, got Float32Array of 1"],
  ["a missing input", { [names[1]]: Float32Array.of(1, 2, 3) }, 'missing input "__proto__": the'],
  [
    "unknown names",
    { ...feeds(), imgae: 1, more: 2 },
    'unknown input "imgae", "more": the model\'s inputs are "__proto__", "a b"',
  ],
])("%s is refused", (_, given, message) => {
  const text = messageOf(() => sums().run(given as Record<string, unknown>));
  expect(text).toMatch(/^TypeError/);
  expect(text).toContain(message);
});

const detached = (): Float32Array => {
  const array = new Float32Array(3);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};

class Liar extends Float32Array {
  override get length(): number {
    return 3;
  }
}

test.each<[string, unknown, string]>([
  [
    "a wrong length",
    new Float32Array(4),
    "expected [3], a Float32Array of 3; got [4], a Float32Array of 4",
  ],
  ["another type", new Float64Array(3), "got Float64Array of 3"],
  ["a plain array", [1, 2, 3], "got an Array of 3"],
  ["a length that is not a number", { length: Number.NaN }, "got an object"],
  ["a length that lies", new Liar(2), "got [2], a Float32Array of 2"],
  ["a transferred array", detached(), "Float32Array of 0 (its buffer was transferred away)"],
  ["shared memory itself", new SharedArrayBuffer(12), "got an object"],
  ["null", null, "got null"],
  ["a string", "123", "got a string"],
  [
    "a picture where none is taken",
    { data: new Uint8Array(4), width: 1, height: 1 },
    "got an object",
  ],
])("an input that is %s is refused with both shapes", (_, value, message) => {
  const text = messageOf(() => sums().run({ ...feeds(), [names[1]]: value }));
  expect(text).toMatch(/^TypeError: input "a b": expected \[3\]/);
  expect(text).toContain(message);
});

test("floats in shared memory are taken", () => {
  const shared = new Float32Array(new SharedArrayBuffer(12));
  shared.set([1, 2, 3]);
  expect(sums().run({ ...feeds(), [names[1]]: shared })[names[2]]).toEqual(Float32Array.of(6.5, 5));
});

test("outputs of a wrong type, length or name are refused before anything runs", () => {
  const model = sums();
  const given = (outputs: Record<string, unknown>) => messageOf(() => model.run(feeds(), outputs));
  expect(given({ [names[2]]: new Float32Array(3) })).toContain(
    'output "constructor": expected [1, 2], a Float32Array of 2; got [3]',
  );
  expect(given({ [names[0]]: new Uint8ClampedArray(1) })).toContain("got Uint8ClampedArray of 1");
  expect(given({ extra: new Float32Array(3) })).toContain('unknown output "extra"');
});

test("a getter that runs the model again is told that it is running, and the model runs on", () => {
  const model = sums();
  const hostile = {
    ...feeds(),
    get [names[1]]() {
      return model.run(feeds())[names[2]];
    },
  };
  expect(messageOf(() => model.run(hostile))).toContain("already running: one run at a time");
  expect(model.run(feeds())[names[2]]).toEqual(Float32Array.of(6.5, 5));
});

test("disposing while inputs are read lets the run end", () => {
  const model = sums();
  const given = {
    ...feeds(),
    get [names[0]]() {
      model.dispose();
      return Float32Array.of(0.5, -1);
    },
  };
  expect(model.run(given)[names[2]]).toEqual(Float32Array.of(6.5, 5));
  expect(messageOf(() => model.run(feeds()))).toContain("was disposed");
});

test.each<[unknown, string]>([
  [null, "classify: options must be an object, got null"],
  [3, "classify: options must be an object, got a number"],
  [{ tpo: 1 }, 'classify: unknown option "tpo": it takes "top"'],
  [{ top: 0 }, "classify: top must be a whole number from 1, got 0"],
  [{ top: "2" }, "classify: top must be a whole number from 1, got a string"],
])("classify refuses the options %j", (options, message) => {
  expect(messageOf(() => topOf(options))).toBe(`TypeError: ${message}`);
});

test("classify gives five classes unless told", () => {
  expect([topOf(undefined), topOf({}), topOf({ top: undefined }), topOf({ top: 2 })]).toEqual([
    5, 5, 5, 2,
  ]);
});
