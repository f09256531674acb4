import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { readInto } from "../../src/runtime/sources.js";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7 + (i >> 5));
const url = new URL("https://models.example/m.weights.bin");

afterEach(() => vi.unstubAllGlobals());

/** Answers every request with these parts, one after the other. */
function serve(parts: readonly Uint8Array[]): void {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body)));
}

/** A place in the middle of a memory, filled from a source; nothing around it changes. */
async function filled(source: unknown, buffer: ArrayBufferLike = new ArrayBuffer(1100)) {
  new Uint8Array(buffer).fill(9);
  const place = new Uint8Array(buffer, 50, bytes.length);
  await readInto("weights", source, place);
  const around = [...new Uint8Array(buffer, 0, 50), ...new Uint8Array(buffer, 1050)];
  expect(around.every((byte) => byte === 9)).toBe(true);
  return place;
}

test("parts of a download go to their places", async () => {
  serve([bytes.subarray(0, 1), bytes.subarray(1, 700), bytes.subarray(700)]);
  expect(await filled(url)).toEqual(bytes);
});

test("a response without a stream is taken whole", async () => {
  const { buffer } = bytes;
  const response = { ok: true, body: null, arrayBuffer: async () => buffer };
  vi.stubGlobal("fetch", () => Promise.resolve(response));
  expect(await filled(url)).toEqual(bytes);
});

test.each([
  [[bytes.subarray(0, 999)], 999],
  [[bytes.subarray(0, 700), bytes.subarray(0, 301)], 1001],
  [[bytes, bytes, bytes], 2000],
])("a download of another size is refused", async (parts, size) => {
  serve(parts);
  await expect(filled(url)).rejects.toThrow(
    `weights belong to another build of the model, or are cut short: 1000 bytes expected, got ${size}`,
  );
});

test("a file is read into any memory, one that threads share too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cnnc-sources-"));
  try {
    const path = join(folder, "m.weights.bin");
    await writeFile(path, bytes);
    expect(await filled(pathToFileURL(path))).toEqual(bytes);
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    expect([...(await filled(pathToFileURL(path), buffer))]).toEqual([...bytes]);
    await writeFile(path, bytes.subarray(3));
    await expect(filled(pathToFileURL(path))).rejects.toThrow("1000 bytes expected, got 997");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("bytes of the caller are copied, whatever they lie in", async () => {
  expect(await filled(bytes)).toEqual(bytes);
  expect(await filled(bytes.slice().buffer)).toEqual(bytes);
  const shifted = new Uint8Array(1003);
  shifted.set(bytes, 3);
  expect(await filled(new DataView(shifted.buffer, 3))).toEqual(bytes);
  await expect(filled(bytes.subarray(1))).rejects.toThrow("1000 bytes expected, got 999");
  await expect(filled("m.weights.bin")).rejects.toThrow("weights must be bytes or a URL");
});
