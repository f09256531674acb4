import { describe, expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { build, constantOf } from "../../src/ir/build.js";
import { macsOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph, NodeOf, Value } from "../../src/ir/graph.js";
import { sizeOf } from "../../src/ir/types.js";
import { relativeError } from "../../src/numerics/matrix.js";
import { composeStack, sideOf } from "../../src/numerics/stack.js";
import { buildStack, stackSplits } from "../../src/passes/factor/stack-split.js";
import { contextFor } from "../../src/passes/run.js";
import { stackKernels, stackWithin } from "../../src/passes/stack-kernels.js";
import { expectClose } from "../support/close.js";
import { image, returns } from "../support/graphs.js";
import { lcg } from "../support/lcg.js";
import { watchPass } from "../support/run-pass.js";

interface Kernel {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

const seeded = (seed: number, ...shape: number[]): Kernel => ({
  shape,
  data: lcg(seed, sizeOf(shape)),
});

interface Options {
  readonly stride?: number;
  readonly pad?: number;
  readonly bias?: readonly number[];
}

/** A convolution with the numbers given. */
function convolved(input: Value, { shape, data }: Kernel, options: Options = {}): NodeOf<"conv2d"> {
  const { stride = 1, pad = 0, bias } = options;
  const operands = {
    input,
    weight: constantOf(shape, Float32Array.from(data), "parameter", { name: "weight" }),
    bias: bias && constantOf([bias.length], Float32Array.from(bias), "parameter"),
    extras: [],
  };
  const attrs = {
    stride: [stride, stride] as const,
    dilation: [1, 1] as const,
    pads: [pad, pad, pad, pad] as const,
    groups: 1,
    epilogue: [],
  };
  const { node } = build("conv2d", operands, attrs);
  if (node.op !== "conv2d") throw new Error("no convolution");
  return node;
}

/** B ∗ A. */
function composed(first: Kernel, second: Kernel, step = 1): Kernel {
  const [width = 0, inputs = 0, a = 0] = first.shape;
  const [outputs = 0, , b = 0] = second.shape;
  const shape = { outputs, inputs, first: a, second: b, step };
  const both = {
    width,
    first: Float64Array.from(first.data),
    second: Float64Array.from(second.data),
  };
  const side = sideOf(shape);
  return { shape: [outputs, inputs, side, side], data: composeStack(both, shape) };
}

/** Σ_q B[q] · b_A + b_B. */
const joinedBias = (
  { shape, data }: Kernel,
  inner: readonly number[],
  outer: readonly number[],
) => {
  const [, width = 0, side = 0] = shape;
  const taps = side ** 2;
  return outer.map((own, o) =>
    inner.reduce((sum, x, m) => {
      const from = (o * width + m) * taps;
      return sum + x * total(Array.from(data).slice(from, from + taps));
    }, own),
  );
};

const total = (data: ArrayLike<number>): number => Array.from(data).reduce((a, b) => a + b, 0);
const result = (node: NodeOf<"conv2d">): Value => node.results[0]!;
const meaning = (value: Value, x: Float32Array) =>
  evaluate(returns(value), new Map([["x", x]])).get("y")!.data;

/** What a graph computes when it is compiled, for each target. */
async function compiledResults(graph: Graph, x: Float32Array) {
  const targets = (["wasm", "ts"] as const).map(async (target) => {
    const compiled = await compile(graph, { target, search: true });
    const model = await instantiate(compiled);
    return {
      y: graph.outputs.map(({ name }) => model.run({ x })[name] as Float32Array),
      passes: compiled.report.rewrites.map(({ pass }) => pass),
    };
  });
  return Promise.all(targets);
}

const [a, b] = [seeded(11, 3, 2, 3, 3), seeded(12, 4, 3, 3, 3)];
const [biasA, biasB] = [lcg(14, 3), lcg(15, 4)];

/** A kernel in the place of A and B, and A and B with its padding in front of A. */
function both(size: number, step: number, bias?: readonly number[]) {
  const kernel = composed(a, b, step);
  const input = image(2, size);
  const whole = convolved(input, kernel, {
    stride: step,
    pad: (kernel.shape[2]! - 1) / 2,
    ...(bias ? { bias } : {}),
  });
  const split = stackSplits(whole)[0]!;
  const data = { width: 3, first: Float32Array.from(a.data), second: Float32Array.from(b.data) };
  return {
    whole: result(whole),
    stack: buildStack(whole, split, data),
    x: Float32Array.from(lcg(13, 2 * size * size)),
  };
}

describe("A7: 5x5 as 3x3 then 3x3", () => {
  const { whole, stack, x } = both(10, 1, joinedBias(b, biasA, biasB));

  test("is equal with all padding in front of the first, borders included, on both targets", async () => {
    expect(total(meaning(whole, x))).toBeCloseTo(-488.11156796297075, 4);
    expect(relativeError(meaning(stack, x), meaning(whole, x))).toBeLessThan(1e-6);
    for (const { y } of await compiledResults(returns(whole, stack), x)) {
      expect(y).toHaveLength(2);
      for (const numbers of y) {
        expectClose(numbers, meaning(whole, x), 1e-6);
        expect(total(numbers)).toBeCloseTo(-488.1115, 2);
      }
    }
  });

  test("is wrong on a ring of one pixel with padding in front of each", () => {
    const inner = convolved(image(2, 10), a, { pad: 1, bias: biasA });
    const naive = meaning(result(convolved(result(inner), b, { pad: 1, bias: biasB })), x);
    const right = meaning(whole, x);
    expect(relativeError(naive, right)).toBeCloseTo(0.2737811156646465, 6);
    for (let at = 0; at < right.length; at++) {
      const [row, column] = [Math.floor(at / 10) % 10, at % 10];
      const isInside = Math.min(row, column, 9 - row, 9 - column) >= 1;
      if (isInside) expect(Math.abs(naive[at]! - right[at]!)).toBeLessThan(1e-5);
    }
  });
});

test("A8: 7x7 at stride 2 is 3x3 at stride 2 then 3x3, borders included, on both targets", async () => {
  const { whole, stack, x } = both(16, 2);
  expect(whole.node.operands).toMatchObject({ weight: { type: { shape: [4, 2, 7, 7] } } });
  expect(total(meaning(whole, x))).toBeCloseTo(23.584008739599028, 4);
  expect(relativeError(meaning(stack, x), meaning(whole, x))).toBeLessThan(1e-6);
  for (const { y } of await compiledResults(returns(whole, stack), x)) {
    expect(y).toHaveLength(2);
    for (const numbers of y) {
      expectClose(numbers, meaning(whole, x), 1e-6);
      expect(total(numbers)).toBeCloseTo(23.584, 3);
    }
  }
});

test("A9: the compiler finds 3x3 · 3x3 in a 5x5 kernel, with 297 of 600 multiplications", async () => {
  const kernel = composed(seeded(16, 3, 3, 3, 3), seeded(17, 8, 3, 3, 3));
  const value = result(convolved(image(3, 23, 22), kernel, { pad: 2, bias: lcg(30, 8) }));
  const { graph, changes } = watchPass(stackKernels, returns(value), {
    predictMs: macsOf,
    search: true,
  });
  expect(changes.map(({ family, label }) => [family, label])).toEqual([
    ["5x5 = 3x3 · 3x3, width 3", "rounding"],
  ]);
  expect(changes[0]!.weightError).toBeLessThan(1e-6);
  const perPixel = graph.nodes.flatMap((node) =>
    node.op === "conv2d" ? [macsOf(node) / sizeOf(result(node).type.shape.slice(2))] : [],
  );
  expect(perPixel).toEqual([81, 216]);
  const x = Float32Array.from(lcg(31, 3 * 23 * 22));
  expectClose(evaluate(graph, new Map([["x", x]])).get("y")!.data, meaning(value, x), 1e-6);
  for (const { y, passes } of await compiledResults(returns(value), x)) {
    expect(passes).toContain("stack-kernels");
    expectClose(y[0]!, meaning(value, x), 1e-5);
  }
});

test("A10: one channel of noise 5x5 is refused: two 3x3 of width 2 would equal it, and be dearer", () => {
  const node = convolved(image(1, 30), seeded(18, 1, 1, 5, 5), { pad: 2 });
  const graph = returns(result(node));
  const watched = watchPass(stackKernels, graph, { predictMs: macsOf, search: true });
  expect(watched.graph).toBe(graph);
  expect(watched.refusals).toEqual(["no stack that would be faster equals its kernel"]);
  const context = contextFor({ predictMs: macsOf });
  expect(stackWithin(node, 0.27, context)).toEqual({
    refused: "the widest stack that would be faster has an error of 0.276",
  });
  expect(stackWithin(node, 0.28, context)).toMatchObject({ family: "5x5 = 3x3 · 3x3, width 1" });
});
