import { afterEach, expect, test, vi } from "vitest";
import type { Form } from "../../src/codegen/package/declarations.js";
import { packageModel } from "../../src/codegen/package/package.js";
import { emitWasm } from "../../src/codegen/wasm/module.js";
import { type TinyOptions, tinyPlan } from "./tiny-plan.js";

interface Loaded {
  readonly name: string;
  run(inputs: Record<string, unknown>): Record<string, Float32Array>;
  classify?(input: unknown): unknown;
}

async function packaged(form: Form, options: TinyOptions = {}) {
  const plan = tinyPlan(options);
  const files = await packageModel(plan, "tiny", form, {
    target: "wasm",
    bytes: await emitWasm(plan.module),
  });
  const source = Buffer.from(files.get("tiny.js")!).toString("base64");
  const module: { load(options?: unknown): Promise<Loaded> } = await import(
    `data:text/javascript;base64,${source}`
  );
  return { files, load: module.load };
}

/** Answers requests with the files, as a server does. */
function serve(files: ReadonlyMap<string, Uint8Array>, mime: string, status = 200): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: URL) => {
    const name = url.pathname.slice(1);
    asked.push(name);
    const body = new Uint8Array(files.get(name) ?? []);
    return Promise.resolve(new Response(body, { status, headers: { "content-type": mime } }));
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const urls = {
  wasm: new URL("https://models.example/tiny.wasm"),
  weights: new URL("https://models.example/tiny.weights.bin"),
};
const image = Float32Array.from({ length: 12 }, (_, i) => i - 4);
const expected = image.map((x) => 2.5 * x - 0.75);

test.each(["application/wasm", "application/octet-stream"])(
  "kernels that a server sends as %s are compiled",
  async (mime) => {
    const { files, load } = await packaged("files");
    const asked = serve(files, mime);
    const streaming = vi.spyOn(WebAssembly, "compileStreaming");
    const model = await load(urls);
    expect(model.run({ image }).scores).toEqual(expected);
    expect(asked.toSorted()).toEqual(["tiny.wasm", "tiny.weights.bin"]);
    expect(streaming).toHaveBeenCalledTimes(mime === "application/wasm" ? 1 : 0);
    streaming.mockRestore();
  },
);

test("what a server does not have is told with its address", async () => {
  const { files, load } = await packaged("files");
  serve(files, "application/wasm", 404);
  await expect(load(urls)).rejects.toThrow(
    /cannot load (wasm|weights) from https:\/\/models\.example\/tiny\.\S+: HTTP status 404/,
  );
});

test("a page instead of the kernels is told apart", async () => {
  const { files, load } = await packaged("files");
  serve(new Map(files).set("tiny.wasm", Buffer.from("<!doctype html>")), "text/html");
  await expect(load(urls)).rejects.toThrow("wasm belongs to another build of the model");
});

test("a compiled module of another build is told apart", async () => {
  const { load } = await packaged("module");
  const plan = tinyPlan();
  const foreign = await WebAssembly.compile(new Uint8Array(await emitWasm(plan.module)));
  await expect(load({ wasm: foreign })).rejects.toThrow("its content hash is none");
});

test.each<[unknown, string]>([
  [{ wsm: 1 }, 'unknown option "wsm": it takes "threads", "wasm", "weights", "wide"'],
  [{ threads: 0 }, "threads must be a whole number from 1, got 0"],
  [{ threads: "2" }, "threads must be a whole number from 1, got a string"],
  [{ wide: 1 }, "wide must be true or false, got a number"],
  [null, "options must be an object, got null"],
  [{ wasm: 5 }, "wasm must be bytes, a URL or a WebAssembly.Module, got a number"],
  [{}, "wasm must be bytes, a URL or a WebAssembly.Module, got undefined"],
])("load refuses %j", async (options, message) => {
  const { load } = await packaged("module");
  await expect(load(options)).rejects.toThrow(message);
  await expect(load(options)).rejects.toThrow(TypeError);
});

test("a missing file is told with its address and the reason as cause", async () => {
  const { load } = await packaged("files");
  const nowhere = new URL("file:///nowhere/tiny.wasm");
  const error: Error = await load({ ...urls, wasm: nowhere, weights: nowhere }).catch((e) => e);
  expect(error.message).toContain("file:///nowhere/tiny.wasm");
  expect(error.cause).toMatchObject({ code: "ENOENT" });
});

test("classify exists only where an output has one value a label", async () => {
  const labels = Array.from({ length: 12 }, (_, i) => `class ${i}`);
  const bytes = async (options: TinyOptions) =>
    (await (await packaged("inline", options)).load()).classify;
  expect(await bytes({ labels })).toBeTypeOf("function");
  expect(await bytes({ labels: labels.slice(1) })).toBe(undefined);
  expect(await bytes({})).toBe(undefined);
  const types = async (options: TinyOptions) =>
    new TextDecoder().decode((await packaged("inline", options)).files.get("tiny.d.ts"));
  expect(await types({ labels })).toContain("classify(");
  expect(await types({ labels: labels.slice(1) })).not.toContain("classify(");
});

test("the types of an input tell what it takes", async () => {
  const types = async (shape: readonly number[]) => {
    const { files } = await packaged("files", { shape });
    return /readonly image: (.*);/.exec(new TextDecoder().decode(files.get("tiny.d.ts")))?.[1];
  };
  expect(await types([1, 3, 4, 4])).toBe("Float32Array | Picture");
  expect(await types([1, 1, 4, 4])).toBe("Float32Array | Picture");
  expect(await types([2, 3, 4, 4])).toBe("Float32Array | readonly Picture[]");
  expect(await types([1, 2, 4, 4])).toBe("Float32Array");
  expect(await types([1, 3])).toBe("Float32Array");
});

test("a batch takes as many pictures as it has images", async () => {
  const { load } = await packaged("inline", { shape: [2, 1, 1, 1] });
  const model = await load();
  const grey = (byte: number) => ({
    data: Uint8Array.of(byte, byte, byte, 255),
    width: 1,
    height: 1,
  });
  const { scores } = model.run({ image: [grey(0), grey(255)] });
  expect([...scores!]).toEqual([-0.75, 1.75]);
  expect(() => model.run({ image: [grey(0)] })).toThrow("2 picture(s), got 1");
  expect(() => model.run({ image: grey(0) })).toThrow("a list of 2 pictures");
});

test("the module's head can be read: data and the runtime stand below", async () => {
  const { files } = await packaged("inline");
  const lines = new TextDecoder().decode(files.get("tiny.js")).split("\n");
  expect(lines[1]).toBe(" * The network Tiny, compiled by cnnc. It needs no other package.");
  expect(lines.findIndex((line) => line.startsWith("export async function load"))).toBeLessThan(60);
  expect(lines.slice(0, -10).filter((line) => line.length > 140)).toEqual([]);
  expect(lines.filter((line) => /^(import|export) /.test(line)).length).toBe(1);
});

test("a server that cannot be reached is told with its address", async () => {
  const { load } = await packaged("files");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  await expect(load(urls)).rejects.toThrow(
    /cannot load (wasm|weights) from https:\/\/models\.example\/tiny\.\S+: it could not be fetched/,
  );
});

test("what a model cannot use is not in its module", async () => {
  const text = async (shape: readonly number[]) =>
    new TextDecoder().decode((await packaged("inline", { shape })).files.get("tiny.js"));
  const [pictures, none] = [await text([1, 3, 2, 2]), await text([1, 2, 2, 2])];
  expect(pictures).toContain("function pictureWriter");
  expect(none).not.toContain("pictureWriter");
  expect(pictures.length - none.length).toBeGreaterThan(5000);
});
