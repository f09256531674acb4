import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compareRivals, differenceOf } from "../../src/measure/compare.js";
import { openOnnxruntime } from "../../src/measure/onnxruntime.js";
import { image, relu, returns } from "../support/graphs.js";

const only = (...data: number[]) => new Map([["y", Float32Array.from(data)]]);

test("outputs differ by the largest distance, as a share of the largest number", () => {
  expect(differenceOf(only(1, -4), only(1, -4))).toBe(0);
  expect(differenceOf(only(1, -3.5), only(1, -4))).toBe(0.125);
  expect(differenceOf(only(1), only(1, 2))).toBe(Number.POSITIVE_INFINITY);
  expect(differenceOf(only(Number.NaN, 2), only(1, 2))).toBe(Number.POSITIVE_INFINITY);
});

const runtime = `
export const env = { wasm: {} };
export class Tensor {
  constructor(type, data, dims) { Object.assign(this, { type, data, dims }); }
}
export const InferenceSession = {
  async create(model) {
    if (!(model instanceof Uint8Array) || model.length < 20) throw new Error("no model");
    return {
      async run(feeds) {
        const [{ type, data, dims }] = Object.values(feeds);
        if (type !== "float32" || dims.join() !== "1,1,2,2") throw new Error(type + dims);
        return { y: { data: data.map((x) => Math.max(x, 0)) } };
      },
    };
  },
};
`;

test("a runtime that is installed in the folder runs the same network, others are told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cnnc-vs-"));
  const graph = { ...returns(relu(image(1, 2))) };
  const named = { ...graph, outputs: graph.outputs.map((output) => ({ ...output, name: "y" })) };
  try {
    expect(await openOnnxruntime(named, folder, 1)).toBeUndefined();
    const home = join(folder, "node_modules", "onnxruntime-web");
    await mkdir(home, { recursive: true });
    const manifest = { name: "onnxruntime-web", type: "module", main: "index.js" };
    await writeFile(join(home, "package.json"), JSON.stringify(manifest));
    await writeFile(join(home, "index.js"), runtime);
    const theirs = (await openOnnxruntime(named, folder, 1))!;
    const feeds = { [named.inputs[0]!.name]: Float32Array.of(1, -2, 3, -4) };
    const ours = { name: "ours", run: async () => only(1, 0, 3, 0.03) };
    expect(await theirs.run(feeds)).toEqual(only(1, 0, 3, 0));
    const { difference, ratio, rounds } = await compareRivals(ours, theirs, feeds, {
      ms: 20,
      warmUpMs: 1,
    });
    expect(difference).toBeCloseTo(0.01, 6);
    expect(ratio).toBeGreaterThan(0);
    expect(rounds).toBeGreaterThanOrEqual(5);
  } finally {
    await rm(folder, { recursive: true });
  }
});
