import { describe, expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { build, constantOf } from "../../src/ir/build.js";
import { macsOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph, Node, NodeOf, Value } from "../../src/ir/graph.js";
import type { Pair, Sides } from "../../src/ir/ops/conv.js";
import { factorsOf, unfold, weightError } from "../../src/passes/factor/factors.js";
import { type Family, familiesFor } from "../../src/passes/factor/families.js";
import { KernelSearch } from "../../src/passes/factor/kernel-search.js";
import { contextFor } from "../../src/passes/run.js";
import { separateKernels } from "../../src/passes/separate-kernels.js";
import { expectClose, relativeError } from "../support/close.js";
import { image, returns } from "../support/graphs.js";
import { lcg } from "../support/lcg.js";
import { watchPass } from "../support/run-pass.js";

type Shape4 = readonly [number, number, number, number];

interface Kernel {
  readonly shape: Shape4;
  readonly data: Float32Array;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A kernel whose element at output, input, row and column is told. */
function kernelOf(
  shape: Shape4,
  at: (o: number, c: number, y: number, x: number) => number,
): Kernel {
  const [, inputs, rows, columns] = shape;
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns) % rows];
    const [c, o] = [
      Math.floor(i / columns / rows) % inputs,
      Math.floor(i / columns / rows / inputs),
    ];
    return at(o, c, y, x);
  });
  return { shape, data };
}

const seeded = (seed: number, shape: Shape4): Kernel => ({
  shape,
  data: Float32Array.from(lcg(seed, sizeOf(shape))),
});

interface Options {
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  readonly bias?: readonly number[];
}

function convolved(x: Value, kernel: Kernel, options: Options = {}): Value {
  const { stride = 1, pad = 0, groups = 1, bias } = options;
  const operands = {
    input: x,
    weight: constantOf(kernel.shape, kernel.data, "parameter", { name: "weight" }),
    bias: bias && constantOf([bias.length], Float32Array.from(bias), "parameter"),
    extras: [],
  };
  const pads: Sides = [pad, pad, pad, pad];
  const strides: Pair = [stride, stride];
  return build("conv2d", operands, {
    stride: strides,
    dilation: [1, 1],
    pads,
    groups,
    epilogue: [],
  });
}

const convOf = (value: Value): NodeOf<"conv2d"> => {
  if (value.node.op !== "conv2d") throw new Error("no convolution");
  return value.node;
};

const family = (conv: NodeOf<"conv2d">, name: string): Family =>
  familiesFor(conv).find((one) => one.name === name)!;

/** The relative error of the closest factors of a rank, as they are stored. */
function tailOf(value: Value, kernel: Kernel, name: string, rank: number): number {
  const conv = convOf(value);
  const blocks = unfold(conv, family(conv, name), kernel.data);
  return weightError(blocks, factorsOf(blocks, rank)!);
}

/** Multiplications are all that counts. */
const byMacs = contextFor({ predictMs: macsOf });

const convolutions = ({ nodes }: Graph): Node[] => nodes.filter(({ op }) => op === "conv2d");
const macs = (graph: Graph): number => graph.nodes.reduce((sum, node) => sum + macsOf(node), 0);
const sum = (data: ArrayLike<number>): number => Array.from(data).reduce((a, b) => a + b, 0);

/** Fails unless a graph compiled for both targets computes what the graph means, borders included. */
async function expectCompiled(graph: Graph, x: Float32Array, limit: number): Promise<void> {
  const expected = evaluate(graph, new Map([["x", x]])).get("y")!.data;
  for (const target of ["wasm", "ts"] as const) {
    const compiled = await compile(graph, { target });
    expect(compiled.report.rewrites.map(({ pass }) => pass)).toContain("separate-kernels");
    const model = await instantiate(compiled);
    const result = model.run({ x });
    expectClose(result.y as Float32Array, expected, limit);
  }
}

describe("A2: six filters 5x5 of four inputs that are three columns times three rows", () => {
  const [columns, rows] = [lcg(3, 3 * 4 * 5), lcg(4, 6 * 3 * 5)];
  const kernel = kernelOf([6, 4, 5, 5], (o, c, y, x) =>
    [0, 1, 2].reduce(
      (total, r) => total + columns[(r * 4 + c) * 5 + y]! * rows[(o * 3 + r) * 5 + x]!,
      0,
    ),
  );
  const input = Float32Array.from(lcg(5, 4 * 11 * 10));
  const make = (stride: number): Value =>
    convolved(image(4, 11, 10), kernel, { stride, pad: 2, bias: lcg(6, 6) });

  test("the error at rank 2 is .40879, at rank 3 that of float32", () => {
    expect(tailOf(make(1), kernel, "vertical-horizontal", 2)).toBeCloseTo(0.4087899271790351, 7);
    expect(tailOf(make(1), kernel, "vertical-horizontal", 3)).toBeLessThan(1e-7);
  });

  test.each([
    [1, 36.92571264325833],
    [2, 30.413807360231267],
  ])("at stride %d it becomes 5x1 then 1x5 and the sum stays", async (stride, total) => {
    const graph = returns(make(stride));
    const { graph: separated, changes } = watchPass(separateKernels, graph);
    expect(changes.map(({ family, label }) => [family, label])).toEqual([
      ["5x5 = 5x1 · 1x5, rank 3", "rounding"],
    ]);
    const result = evaluate(separated, new Map([["x", input]])).get("y")!.data;
    expect(result[0]).toBeCloseTo(2.6579706812872232, 5);
    expect(sum(result)).toBeCloseTo(total, 4);
    const expected = evaluate(graph, new Map([["x", input]])).get("y")!.data;
    expect(relativeError(result, expected)).toBeLessThan(1e-6);
    await expectCompiled(graph, input, 1e-5);
  });

  test("A12: on a grid of 256 values it is left alone, and within .02 it has rank 3", () => {
    const [low, high] = [Math.min(...kernel.data), Math.max(...kernel.data)];
    const step = (high - low) / 255;
    const data = kernel.data.map((x) => low + Math.round((x - low) / step) * step);
    const quantised = { shape: kernel.shape, data };
    const value = convolved(image(4, 11, 10), quantised, { pad: 2 });
    expect(tailOf(value, quantised, "vertical-horizontal", 3)).toBeCloseTo(0.00531109064421164, 6);
    const graph = returns(value);
    const watched = watchPass(separateKernels, graph);
    expect(watched.graph).toBe(graph);
    expect(watched.refusals).toEqual(["no factors that would be faster are within 0.000001"]);
    const within = new KernelSearch(0.02, contextFor({})).find(convOf(value));
    expect(within).toMatchObject({ family: "5x5 = 5x1 · 1x5, rank 3", label: "approximate" });
  });
});

describe("A3: noise 3x3 of eight channels", () => {
  const kernel = seeded(7, [8, 8, 3, 3]);
  const value = convolved(image(8, 24), kernel, { pad: 1 });

  test("is left alone when it must be exact", () => {
    const graph = returns(value);
    expect(watchPass(separateKernels, graph).graph).toBe(graph);
  });

  test("has these errors: 1x3 then 3x1 .4858 at rank 8, others more at higher ranks", () => {
    expect(tailOf(value, kernel, "horizontal-vertical", 8)).toBeCloseTo(0.4858, 4);
    expect(tailOf(value, kernel, "vertical-horizontal", 8)).toBeGreaterThan(0.5);
    expect(tailOf(value, kernel, "vertical-horizontal", 9)).toBeLessThan(0.5);
    expect(tailOf(value, kernel, "vertical-horizontal", 11)).toBeCloseTo(0.3779444934542007, 6);
    expect(tailOf(value, kernel, "full-pointwise", 5)).toBeCloseTo(0.491, 3);
    expect(tailOf(value, kernel, "depthwise-pointwise", 3)).toBeCloseTo(0.4986, 4);
  });

  test("within .5 becomes 1x3 then 3x1 of rank 8, with 384 of 576 multiplications", () => {
    const within = new KernelSearch(0.5, byMacs).find(convOf(value))!;
    expect(within).toMatchObject({ family: "3x3 = 1x3 · 3x1, rank 8", label: "approximate" });
    if (!("value" in within)) throw new Error("refused");
    expect(within.weightError).toBeCloseTo(0.4858, 4);
    expect(macs(returns(within.value)) / (24 * 24)).toBe(384);
  });
});

describe("A4: two filters a channel, then sums", () => {
  const [filters, sums] = [lcg(8, 10 * 9), lcg(9, 16 * 10)];
  const kernel = kernelOf([16, 5, 3, 3], (o, c, y, x) =>
    [2 * c, 2 * c + 1].reduce(
      (total, t) => total + sums[o * 10 + t]! * filters[t * 9 + y * 3 + x]!,
      0,
    ),
  );
  const value = convolved(image(5, 9), kernel, { stride: 2, pad: 1 });

  test("the error at one filter a channel is .505, at two that of float32", () => {
    expect(tailOf(value, kernel, "depthwise-pointwise", 1)).toBeCloseTo(0.5050001962997893, 7);
    expect(tailOf(value, kernel, "depthwise-pointwise", 2)).toBeLessThan(1e-7);
  });

  test("it becomes two depth-wise convolutions and a point-wise one", async () => {
    const graph = returns(value);
    const { graph: separated, changes } = watchPass(separateKernels, graph);
    expect(changes.map((change) => change.family)).toEqual(["3x3 = depth-wise 3x3 · 1x1, rank 2"]);
    expect([macs(separated) / 25, macs(graph) / 25]).toEqual([250, 720]);
    await expectCompiled(graph, Float32Array.from(lcg(10, 5 * 81)), 1e-5);
  });
});

/** A Gabor filter 13x13 at 30 degrees, or its envelope alone. */
function gabor(waves: number): Kernel {
  const angle = Math.PI / 6;
  const spread = 2 * (13 / 6) ** 2;
  return kernelOf([1, 1, 13, 13], (_o, _c, row, column) => {
    const [y, x] = [row - 6, column - 6];
    const wave = 2 * Math.PI * (waves / 13) * (x * Math.cos(angle) + y * Math.sin(angle));
    return Math.exp(-(x * x + y * y) / spread) * (waves === 0 ? 1 : Math.cos(wave + 0.4));
  });
}

/** The same filter for several channels. */
const forChannels = ({ shape, data }: Kernel, channels: number): Kernel => ({
  shape: [channels, 1, shape[2], shape[3]],
  data: Float32Array.from({ length: channels * data.length }, (_, i) => data[i % data.length]!),
});

describe("A5: Gabor filters", () => {
  test("one has rank 2, its envelope rank 1", () => {
    const [filter, envelope] = [gabor(1.2), gabor(0)];
    const value = convolved(image(1, 20), filter);
    expect(tailOf(value, filter, "depthwise-vertical", 1)).toBeCloseTo(0.3252302814022486, 6);
    expect(tailOf(value, filter, "depthwise-vertical", 2)).toBeLessThan(1e-6);
    expect(tailOf(value, envelope, "depthwise-vertical", 1)).toBeLessThan(1e-6);
  });

  test.each([
    [1, 0.3076923076923077],
    [2, 0.46153846153846156],
  ])("depth-wise at stride %d it takes %d of the multiplications", async (stride, share) => {
    const kernel = forChannels(gabor(1.2), 5);
    // Of an even size and a window that fits at both ends, rows and columns shrink by the stride exactly.
    const graph = returns(
      convolved(image(5, 24), kernel, { stride, groups: 5, bias: lcg(40, 5), pad: 6 }),
    );
    const { graph: separated, changes } = watchPass(separateKernels, graph);
    expect(changes[0]?.family).toMatch(/^13x13 = depth-wise 1?3?x?1?3? ?.*, rank 2$/);
    expect(macs(separated) / macs(graph)).toBeCloseTo(share, 12);
    expect(convolutions(separated)).toHaveLength(4);
    await expectCompiled(graph, Float32Array.from(lcg(41, 5 * 24 * 24)), 1e-5);
  });
});

test("A6: a diagonal 7x7 depth-wise kernel is refused within less than .755", () => {
  const kernel = forChannels(
    kernelOf([1, 1, 7, 7], (_o, _c, y, x) => (x === y ? 1 : 0)),
    8,
  );
  const value = convolved(image(8, 30), kernel, { pad: 3, groups: 8 });
  expect(tailOf(value, kernel, "depthwise-vertical", 3)).toBeCloseTo(0.7559289460184544, 7);
  for (const tolerance of [1e-6, 0.5, 0.755]) {
    const found = new KernelSearch(tolerance, byMacs).find(convOf(value));
    expect(found).toHaveProperty("refused");
  }
  const within = new KernelSearch(0.76, byMacs).find(convOf(value));
  expect(within).toHaveProperty("value");
});
