import { expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { build, constantOf } from "../../src/ir/build.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { sizeOf } from "../../src/ir/types.js";
import { composeKernels } from "../../src/passes/compose-kernels.js";
import * as g from "../support/graphs.js";
import { lcg } from "../support/lcg.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";

const seeded = (shape: readonly number[], seed: number): Value =>
  constantOf(shape, Float32Array.from(lcg(seed, sizeOf(shape))), "parameter");

const conv = (input: Value, weight: Value, bias: Value | undefined, pad: number): Value =>
  build(
    "conv2d",
    { input, weight, bias, extras: [] },
    {
      stride: [1, 1],
      dilation: [1, 1],
      pads: [pad, pad, pad, pad],
      groups: 1,
      epilogue: [],
    },
  );

/** A 1×1 convolution with a bias before a padded 3×3. */
const pointThenKernel = (withBias: boolean) => {
  const point = conv(g.input([1, 5, 8, 9]), seeded([8, 5, 1, 1], 27), seeded([8], 28), 0);
  const plain = conv(g.input([1, 5, 8, 9]), seeded([8, 5, 1, 1], 27), undefined, 0);
  return g.returns(conv(withBias ? point : plain, seeded([6, 8, 3, 3], 29), seeded([6], 30), 1));
};

const x = new Map([["x", Float32Array.from(lcg(26, 360))]]);
const sumOf = (data: ArrayLike<number>): number => Array.from(data).reduce((a, b) => a + b, 0);

test("a bias in front of padding becomes an image at the border", () => {
  const graph = pointThenKernel(true);
  const { graph: composed, changes } = watchPass(composeKernels, graph);
  expect(changes.map(({ family }) => family)).toEqual(["3x3 + border = 1x1 · 3x3"]);
  expect(printGraph(composed)).toContain("%1 = add(%0, @border) : f32[1,6,8,9]");
  expectSameMeaning(composed, graph, 1e-6);
  const y = evaluate(composed, x).get("y")!;
  expect(sumOf(y.data)).toBeCloseTo(-157.4298513, 4);
});

test("the same bias on every pixel would be wrong by a quarter", () => {
  const graph = pointThenKernel(true);
  const right = evaluate(graph, x).get("y")!.data;
  const composed = runPass(composeKernels, pointThenKernel(false)).outputs[0]!.value;
  const [kernel, b1] = [lcg(29, 6 * 8 * 9), lcg(28, 8)];
  const bias = Array.from({ length: 6 }, (_, o) =>
    sumOf(b1.map((b, m) => b * sumOf(kernel.slice((o * 8 + m) * 9, (o * 8 + m + 1) * 9)))),
  );
  const naive = evaluate(g.returns(g.add(composed, g.literal([6, 1, 1], bias))), x).get("y")!.data;
  const norm = (data: ArrayLike<number>) => Math.hypot(...Array.from(data));
  const apart = Float64Array.from(right, (value, i) => naive[i]! - value);
  expect(norm(apart) / norm(right)).toBeCloseTo(0.2786071517, 6);
});

test.each(["wasm", "ts"] as const)("the composed model computes the sum: %s", async (target) => {
  const compiled = await compile(pointThenKernel(true), { target, verifyEach: true });
  expect(compiled.report.rewrites.map(({ pass }) => pass)).toContain("compose-kernels");
  const { y } = (await instantiate(compiled)).run(Object.fromEntries(x));
  const expected = evaluate(pointThenKernel(true), x).get("y")!.data;
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    expect(Math.abs(value - (y as Float32Array)[i]!)).toBeLessThan(1e-5 * largest);
  });
  expect(sumOf(y as Float32Array)).toBeCloseTo(-157.4298513, 3);
});
