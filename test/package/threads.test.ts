import { resolveObjectURL } from "node:buffer";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker as NodeWorker } from "node:worker_threads";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { LoadedModel } from "../../src/runtime/model.js";
import * as g from "../support/graphs.js";
import { randomGraph } from "../support/random-graph.js";
import {
  type PackagedModel,
  packageShared,
  sharedPlan,
  withWorkerCount,
} from "../support/shared-model.js";

/** Two convolutions that are shared; the weights of one have a form that is made at load. */
const first = g.relu(g.conv(g.image(32, 26, 18), 32, { seed: 3 }));
const graph = g.returns(g.conv(first, 24, { kernel: 5, stride: 2 }));
const plan = sharedPlan(graph);
const inputs = Object.fromEntries(g.noiseFor(graph));
const resultOf = (model: LoadedModel): unknown => model.run(inputs).y;

let packaged: PackagedModel;
let expected: unknown;

beforeAll(async () => {
  packaged = await packageShared(plan);
  expected = resultOf(await packaged.load());
}, 30_000);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the model of these tests has forms to make at load, and calls to share", () => {
  expect(plan.module.prepare.length).toBeGreaterThan(0);
  const units = plan.module.schedule.map(({ range }) => range?.units ?? 1);
  expect(units.filter((count) => count > 1).length).toBeGreaterThanOrEqual(2);
});

test.each([0, 2, 5])("random graph %i: any number of threads gives the same bits", async (seed) => {
  const random = randomGraph(seed);
  const { load } = await packageShared(sharedPlan(random));
  const feeds = Object.fromEntries(g.noiseFor(random, seed));
  const [one, ...many] = await Promise.all(
    [1, 2, 3, 5].map((threads) => load({ threads: threads === 1 ? undefined : threads })),
  );
  const once = one!.run(feeds);
  expect(many.map(({ threads }) => threads)).toEqual([2, 3, 5]);
  for (const model of many) {
    for (let i = 0; i < 20; i++) expect(model.run(feeds)).toEqual(once);
    model.dispose();
  }
});

test("results are the caller's own arrays, or fresh ones that are not shared", async () => {
  const model = await packaged.load({ threads: 2 });
  expect([model.threads, model.threadsReason]).toEqual([2, undefined]);
  const fresh = model.run(inputs).y as Float32Array;
  expect(fresh.buffer).toBeInstanceOf(ArrayBuffer);
  const mine = new Float32Array(fresh.length);
  expect(model.run(inputs, { y: mine }).y).toBe(mine);
  expect(mine).toEqual(expected);
  expect(await model.runAsync(inputs)).toEqual({ y: expected });
  model.dispose();
  expect(() => model.run(inputs)).toThrow("was disposed");
});

test("models with threads live side by side, and one goes without the others", async () => {
  const models = await Promise.all([2, 3].map((threads) => packaged.load({ threads })));
  for (let i = 0; i < 10; i++)
    for (const model of models) expect(resultOf(model)).toEqual(expected);
  models[0]!.dispose();
  for (let i = 0; i < 10; i++) expect(resultOf(models[1]!)).toEqual(expected);
  models[1]!.dispose();
});

test("disposing ends every worker", async () => {
  await withWorkerCount(async (counts) => {
    for (let i = 0; i < 5; i++) {
      const model = await packaged.load({ threads: 3 });
      expect(resultOf(model)).toEqual(expected);
      model.dispose();
    }
    expect(counts.started).toBe(10);
    await vi.waitFor(() => expect(counts.live).toBe(0), 5000);
  });
});

test("a process ends without dispose", () => {
  const folder = mkdtempSync(join(tmpdir(), "cnnc-threads-"));
  try {
    writeFileSync(join(folder, "shared.mjs"), packaged.source);
    const program = `
      import { load } from "./shared.mjs";
      const model = await load({ threads: 3 });
      const x = new Float32Array(${inputs.x!.length});
      console.log(model.threads, model.run({ x }).y.length);
    `;
    writeFileSync(join(folder, "main.mjs"), program);
    const { status, stdout } = spawnSync(process.execPath, [join(folder, "main.mjs")], {
      encoding: "utf8",
      timeout: 25_000,
    });
    expect([status, stdout]).toEqual([0, `3 ${24 * 13 * 9}\n`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a compiled module has one thread, with the reason", async () => {
  const { load } = await packageShared(plan, "module");
  const { wasm, weights } = await packageShared(plan, "files");
  const module = await WebAssembly.compile(new Uint8Array(wasm!));
  const model = await load({ wasm: module, weights, threads: 2 });
  expect(model.threads).toBe(1);
  expect(model.threadsReason).toContain("wasm is a compiled module");
  expect(resultOf(model)).toEqual(expected);
  const shared = await load({ wasm, weights, threads: 2 });
  expect(shared.threads).toBe(2);
  expect(resultOf(shared)).toEqual(expected);
  shared.dispose();
});

/** A browser's worker as far as a model sees it, made of one of Node's. */
class PageWorker {
  readonly #node: Promise<NodeWorker>;
  #terminated = false;

  constructor(url: string) {
    this.#node = PageWorker.start(url);
  }

  static async start(url: string): Promise<NodeWorker> {
    const prelude = `
      const { parentPort } = require("node:worker_threads");
      globalThis.self = globalThis;
      globalThis.postMessage = (message) => parentPort.postMessage(message);
      parentPort.on("message", (data) => self.onmessage({ data }));`;
    const text = await resolveObjectURL(url)!.text();
    return new NodeWorker(`${prelude}\n${text}`, { eval: true });
  }

  async addEventListener(event: string, listener: (detail: unknown) => void): Promise<void> {
    (await this.#node).on(event, listener);
  }

  async postMessage(message: unknown): Promise<void> {
    const node = await this.#node;
    if (!this.#terminated) node.postMessage(message);
  }

  async terminate(): Promise<void> {
    this.#terminated = true;
    await (await this.#node).terminate();
  }
}

test("in a page, workers come from a text in a blob", async () => {
  vi.stubGlobal("Worker", PageWorker);
  const model = await packaged.load({ threads: 3 });
  expect([model.threads, model.threadsReason]).toEqual([3, undefined]);
  for (let i = 0; i < 10; i++) expect(resultOf(model)).toEqual(expected);
  model.dispose();
});

/** A worker that does nothing but tell of one event. */
const silent = (tells?: string) =>
  class {
    addEventListener(event: string, listener: (detail: unknown) => void): void {
      if (event === tells) setTimeout(listener, 0, { message: "blocked by a policy" });
    }
    postMessage(): void {}
    terminate(): void {}
  };

class Refused {
  constructor() {
    throw new Error("not allowed here");
  }
}

test.each([
  ["not allowed here", Refused],
  ["blocked by a policy", silent("error")],
])("a worker that cannot start leaves one thread: %s", async (problem, worker) => {
  vi.stubGlobal("Worker", worker);
  const model = await packaged.load({ threads: 2 });
  expect(model.threads).toBe(1);
  expect(model.threadsReason).toBe(`a worker could not start: ${problem}`);
  expect(resultOf(model)).toEqual(expected);
});

test("a worker that is never ready is not waited for", async () => {
  vi.stubGlobal("Worker", silent());
  vi.useFakeTimers();
  const loading = packaged.load({ threads: 2 });
  const advance = setInterval(() => {}, 1);
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(5000);
    const model = await Promise.race([loading, Promise.resolve(undefined)]);
    expect(model?.threadsReason).toBe("a worker could not start: not ready within 5000 ms");
  });
  clearInterval(advance);
  expect(resultOf(await loading)).toEqual(expected);
});
