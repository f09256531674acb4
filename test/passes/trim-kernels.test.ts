import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile, instantiate } from "../../src/index.js";
import { build } from "../../src/ir/build.js";
import { costOf } from "../../src/ir/cost.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph, Value } from "../../src/ir/graph.js";
import { printGraph } from "../../src/ir/print.js";
import { sizeOf } from "../../src/ir/types.js";
import { trimKernels } from "../../src/passes/trim-kernels.js";
import * as g from "../support/graphs.js";
import { lcg } from "../support/lcg.js";
import { expectSameMeaning, runPass, watchPass } from "../support/run-pass.js";

/** The constant weight of a convolution with taps set to zero where `isZero` says so. */
function masked(value: Value, isZero: (row: number, column: number) => boolean): Value {
  const { node } = value;
  if (node.op !== "conv2d" && node.op !== "deconv2d") throw new Error("no convolution");
  const { weight } = node.operands;
  const [, , kh = 1, kw = 1] = weight.type.shape;
  if (weight.node.op !== "constant") throw new Error("no constant");
  const data = [...weight.node.attrs.data].map((w, at) =>
    isZero(Math.floor(at / kw) % kh, at % kw) ? 0 : w,
  );
  const operands = { ...node.operands, weight: g.literal(weight.type.shape, data) };
  return node.op === "conv2d"
    ? build("conv2d", operands, node.attrs)
    : build("deconv2d", operands, node.attrs);
}

const kernelOf = (graph: Graph): readonly number[] =>
  graph.nodes.flatMap((node) =>
    node.op === "conv2d" || node.op === "deconv2d" ? node.operands.weight.type.shape.slice(2) : [],
  );

describe("trim-kernels", () => {
  test("a 3x3 kernel on a 1x1 map becomes 1x1", () => {
    const weight = g.literal([5, 4, 3, 3], lcg(25, 180));
    const attrs = { stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1], groups: 1 } as const;
    const operands = { input: g.image(4, 1), weight, bias: g.literal([5], lcg(26, 5)), extras: [] };
    const graph = g.returns(build("conv2d", operands, { ...attrs, epilogue: [] }));
    expect(costOf(graph).macs).toBe(180);
    const { graph: trimmed, changes } = watchPass(trimKernels, graph);
    expect(costOf(trimmed).macs).toBe(20);
    expect(changes.map(({ family }) => family)).toEqual(["3x3 = 1x1"]);
    expectSameMeaning(trimmed, graph, 1e-6);
  });

  test.each(["wasm", "ts"] as const)("so it does in a compiled model: %s", async (target) => {
    const source = "model Pixel { input x: f32[4, 1, 1] conv(5, 3x3) output y }";
    const tensor = (shape: number[], seed: number) => {
      const data = Float32Array.from(lcg(seed, sizeOf(shape)));
      return { dtype: "float32", shape, data } as const;
    };
    const weights = { "0.weight": tensor([5, 4, 3, 3], 25), "0.bias": tensor([5], 26) };
    const compiled = await compile(source, { weights, target });
    expect([compiled.report.macsAsWritten, compiled.report.macs]).toEqual([180, 20]);
    const x = Float32Array.of(0.5, -1.25, 2, 0.75);
    const { y } = (await instantiate(compiled)).run({ x });
    const expected = evaluate(compiled.written, new Map([["x", x]])).get("y")!.data;
    for (const [i, value] of expected.entries()) expect(y![i]).toBeCloseTo(value, 5);
  });

  test("rings of zeros go, and padding with them", () => {
    const graph = g.returns(
      masked(
        g.conv(g.image(3, 9, 8), 5, { kernel: 5 }),
        (y, x) => y < 1 || y > 3 || x < 1 || x > 3,
      ),
    );
    const trimmed = runPass(trimKernels, graph);
    expect(printGraph(trimmed)).toContain("pads=[1,1,1,1]");
    expect(kernelOf(trimmed)).toEqual([3, 3]);
    expectSameMeaning(trimmed, graph);
  });

  test("without padding to take from, the input is sliced", () => {
    const conv = g.conv(g.image(3, 9, 8), 5, { kernel: 5, pads: [0, 1, 0, 0], stride: [2, 1] });
    const graph = g.returns(masked(conv, (y, x) => y !== 3 || x < 2));
    const trimmed = runPass(trimKernels, graph);
    expect(trimmed.nodes.map(({ op }) => op)).toContain("slice");
    expect(kernelOf(trimmed)).toEqual([1, 3]);
    expectSameMeaning(trimmed, graph);
  });

  test("a kernel whose border matters is left alone", () => {
    const graph = g.returns(g.conv(g.image(3, 9), 5));
    expect(runPass(trimKernels, graph)).toBe(graph);
  });

  test("a kernel that meets nothing but padding is left alone", () => {
    const options = { kernel: [3, 2], dilation: 2, stride: [1, 2], pads: [2, 1, 2, 1] } as const;
    const graph = g.returns(g.conv(g.image(6, 11, 1), 2, options));
    expect(runPass(trimKernels, graph)).toBe(graph);
  });

  test("one weight at the border keeps its row and column", () => {
    const conv = g.conv(g.image(3, 9), 5, { kernel: 5 });
    const graph = g.returns(masked(conv, (y, x) => y !== 2 && !(y === 0 && x === 1)));
    expect(kernelOf(runPass(trimKernels, graph))).toEqual([3, 5]);
  });

  test("a transposed convolution keeps rows that its padding does not hide", () => {
    const ring = (y: number, x: number) => y === 0 || y === 4 || x === 0 || x === 4;
    const free = g.returns(
      masked(g.deconv(g.image(3, 5), 4, { kernel: 5, stride: 2, pads: 0 }), ring),
    );
    expect(runPass(trimKernels, free)).toBe(free);
    const hidden = g.returns(
      masked(g.deconv(g.image(3, 5), 4, { kernel: 5, stride: 2, pads: 2 }), ring),
    );
    const trimmed = runPass(trimKernels, hidden);
    expect(kernelOf(trimmed)).toEqual([3, 3]);
    expectSameMeaning(trimmed, hidden);
  });

  test("trimming never changes what the graph computes", () => {
    const options = fc.record({
      transposed: fc.boolean(),
      size: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      first: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      more: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      groups: fc.constantFrom(1, 2),
      seed: fc.nat(1000),
    });
    let trims = 0;
    fc.assert(
      fc.property(options, ({ transposed, size, first, more, ...rest }) => {
        const make = transposed ? g.deconv : g.conv;
        const half = rest.kernel.map((k, axis) => ((k - 1) * rest.dilation[axis]!) >> 1);
        const pads = [half[0]! + 1, half[1]!, half[0]!, half[1]! + 1] as const;
        const image = g.image(4, size[0] + 6, size[1] + 6);
        const conv = make(image, 6, { ...rest, pads });
        const isOutside = (at: number, axis: 0 | 1) =>
          at < Math.min(first[axis], rest.kernel[axis] - 1) || at > first[axis] + more[axis];
        const isZero = (y: number, x: number) => isOutside(y, 0) || isOutside(x, 1);
        const graph = g.returns(masked(conv, isZero));
        const trimmed = runPass(trimKernels, graph);
        if (trimmed !== graph) trims++;
        expectSameMeaning(trimmed, graph);
      }),
      { seed: 6, numRuns: 150 },
    );
    expect(trims).toBeGreaterThan(60);
  });
});
