import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompileOptions, compile, instantiate } from "../../src/index.js";
import { costOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { writeNpy } from "../../src/weights/npy.js";
import { relativeError } from "../support/close.js";
import { noiseFor } from "../support/graphs.js";
import { lcg } from "../support/lcg.js";
import { noise } from "../support/noise.js";
import { randomGraph } from "../support/random-graph.js";

const tensor = (shape: readonly number[], data: Float32Array) =>
  ({ dtype: "float32", shape, data }) as const;

const names = ({ diagnostics }: { readonly diagnostics: readonly { readonly name: string }[] }) =>
  diagnostics.map(({ name }) => name);

const fail = (options: CompileOptions, source: string): Promise<string> =>
  compile(source, options).then(
    () => "no error",
    (error: Error) => error.message,
  );

describe("A12: rank 3 on a grid of 256 values", () => {
  const [first, second] = [lcg(3, 60), lcg(4, 90)];
  const exact = Array.from({ length: 600 }, (_, i) => {
    const [x, y, c, o] = [
      i % 5,
      Math.floor(i / 5) % 5,
      Math.floor(i / 25) % 4,
      Math.floor(i / 100),
    ];
    return [0, 1, 2].reduce((sum, r) => {
      return sum + first[(r * 4 + c) * 5 + y]! * second[(o * 3 + r) * 5 + x]!;
    }, 0);
  });
  const [low, high] = [Math.min(...exact), Math.max(...exact)];
  const step = (high - low) / 255;
  const weight = Float32Array.from(exact, (w) => low + Math.round((w - low) / step) * step);
  const weights = { "c.weight": tensor([6, 4, 5, 5], weight) };
  const source = (lines: string) =>
    `model M { input x: f32[4, 40, 40]  c: conv(6, 5x5, bias=false)  output y ${lines} }`;

  test("keeps its form by default", async () => {
    const { report } = await compile(source(""), { weights });
    expect(report.rewrites).toEqual([]);
    expect(report.macs).toBe(report.macsAsWritten);
  });

  test.each([
    ["a line", source("optimize { separate(c, within=0.02) }"), {}],
    ["the option", source(""), { tolerance: 0.02 }],
  ])("is separated within .02 by %s", async (_, text, options) => {
    const compiled = await compile(text, { weights, ...options });
    const [rewrite] = compiled.report.rewrites;
    expect(rewrite).toMatchObject({ pass: "apply-grants", layer: "c", label: "approximate" });
    expect(rewrite?.family).toContain("rank 3");
    expect(rewrite?.weightError).toBeCloseTo(0.00531109064421164, 5);
    expect(compiled.report.macs).toBeLessThan(0.5 * compiled.report.macsAsWritten);
    expect(compiled.report.gate).toMatchObject({ data: "noise", undone: [] });
    const x = noise(4 * 40 * 40, 5);
    const expected = evaluate(compiled.written, new Map([["x", x]])).get("y")!.data;
    const actual = (await instantiate(compiled)).run({ x }).y as Float32Array;
    expect(relativeError(actual, expected)).toBeLessThan(0.01);
    expect(relativeError(actual, expected)).toBeGreaterThan(1e-4);
  });
});

describe("A11: weights that only matter in three dimensions of the data", () => {
  const [size, side] = [32, 20];
  const weights = { "c.weight": tensor([size, size, 1, 1], noise(size * size, 22)) };
  const mix = noise(3 * size, 21);
  const example = (seed: number, dimensions = mix) => {
    const inner = noise((dimensions.length / size) * side * side, seed);
    return Float32Array.from({ length: size * side * side }, (_, at) => {
      const [place, c] = [at % (side * side), Math.floor(at / (side * side))];
      let sum = 0;
      for (let r = 0; r < dimensions.length / size; r++) {
        sum += dimensions[r * size + c]! * inner[r * side * side + place]!;
      }
      return sum;
    });
  };
  const calibrate = [1, 2, 3, 4, 5].map((seed) => ({ x: example(seed) }));
  const source = (lines: string) =>
    `model M { input x: f32[${size}, ${side}, ${side}]  c: conv(${size}, 1x1, bias=false)  output y ${lines} }`;

  test("stays without a grant, whatever the data", async () => {
    const compiled = await compile(source(""), { weights, calibrate });
    expect(compiled.report.rewrites).toEqual([]);
    expect(names(compiled)).toEqual(["calibration-unused"]);
  });

  test("is rewritten under a grant and called data-dependent: other inputs give something else", async () => {
    const compiled = await compile(source("optimize { separate(c, within=1e-3) }"), {
      weights,
      calibrate,
    });
    const [rewrite] = compiled.report.rewrites;
    expect(rewrite).toMatchObject({ layer: "c", label: "data-dependent" });
    expect(rewrite?.family).toContain("rank 3");
    expect(rewrite?.outputError).toBeLessThan(1e-6);
    expect(rewrite?.weightError).toBeGreaterThan(0.5);
    expect(compiled.report.gate).toMatchObject({ samples: 1, data: "held-out" });
    const model = await instantiate(compiled);
    const errorOn = (x: Float32Array): number => {
      const expected = evaluate(compiled.written, new Map([["x", x]])).get("y")!.data;
      return relativeError(model.run({ x }).y as Float32Array, expected);
    };
    expect(errorOn(example(9))).toBeLessThan(1e-5);
    expect(errorOn(noise(size * side * side, 9))).toBeGreaterThan(0.3);
  });
});

describe("examples", () => {
  let folder: string;
  const write = async (file: string, shape: readonly number[], data: Float32Array) => {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), writeNpy(tensor(shape, data)));
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cnnc-examples-"));
    await write("flat/one.npy", [3, 12, 12], noise(432, 1));
    await write("flat/many.npy", [5, 3, 12, 12], noise(5 * 432, 2));
    await write("two/x/a.npy", [1, 3, 12, 12], noise(432, 3));
    await write("two/x/b.npy", [3, 12, 12], noise(432, 4));
    await write("two/z/a.npy", [4], noise(4, 5));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const init = { kind: "he", seed: 3 } as const;
  const source = (lines: string, inputs = "") =>
    `model M { input x: f32[3, 12, 12] ${inputs} c: conv(32, 7x7) -> relu -> flatten -> linear(4) ${
      inputs && "; it + z"
    } output y optimize { separate(c, within=0.7) ${lines} } }`;

  test("of a folder are one a file, or one for each place of a first axis; a fourth is held out", async () => {
    const inside = { init, base: folder, root: folder };
    const byLine = await compile(source('calibrate("flat")'), inside);
    const byOption = await compile(source(""), { ...inside, calibrate: "flat" });
    for (const { report } of [byLine, byOption]) {
      expect(report.gate).toMatchObject({ samples: 1, data: "held-out" });
      expect(report.gate?.agreement).toBeTypeOf("number");
      expect(report.rewrites[0]?.outputError).toBeLessThanOrEqual(0.7);
    }
    expect(byLine.report.rewrites).toEqual(byOption.report.rewrites);
  });

  test("stand for every image of a batch", async () => {
    const { report } = await compile(source(""), {
      init,
      base: folder,
      batch: 2,
      calibrate: "flat",
    });
    expect(report.gate?.samples).toBe(1);
  });

  test("that lack an input, or have more of one than of another, are refused", async () => {
    const two = source("", "input z: f32[4]");
    expect(await fail({ init, calibrate: join(folder, "two") }, two)).toContain(
      'each example needs every input, and there are 2 of "x", 1 of "z"',
    );
    const x = noise(432, 1);
    expect(await fail({ init, calibrate: [{ x }] }, two)).toContain(
      'input "z" must be a Float32Array',
    );
    expect(await fail({ init, calibrate: [{ x, w: x }] }, source(""))).toContain('no input "w"');
    expect(await fail({ init, calibrate: [] }, source(""))).toContain("there are no examples");
    expect(await fail({ init, calibrate: [{ x: noise(431, 1) }] }, source(""))).toContain(
      'example 1: input "x" is of [1,3,12,12], 432 numbers, and 431 are given',
    );
    expect(await fail({ init, calibrate: join(folder, "none") }, source(""))).toContain(
      "no such file",
    );
  });

  test("make the same module every time", async () => {
    const options = { init, base: folder, calibrate: "flat" };
    const [one, other] = [await compile(source(""), options), await compile(source(""), options)];
    expect(one.files).toEqual(other.files);
  });
});

/** A16; many more are in the full tests. */
test.each(Array.from({ length: 12 }, (_, seed) => 500 + seed))(
  "random network %i without grants: outputs stay and multiply-accumulates never grow",
  async (seed) => {
    const graph = randomGraph(seed);
    const inputs = noiseFor(graph, seed);
    const expected = evaluate(graph, inputs);
    for (const [winograd, limit] of [
      ["off", 1e-5],
      [undefined, 1e-4],
    ] as const) {
      const compiled = await compile(graph, { winograd });
      expect(compiled.report.macs).toBeLessThanOrEqual(costOf(graph).macs);
      const actual = (await instantiate(compiled)).run(Object.fromEntries(inputs));
      for (const [name, { data }] of expected) {
        expect(relativeError(actual[name] as Float32Array, data)).toBeLessThan(limit);
      }
    }
  },
);
