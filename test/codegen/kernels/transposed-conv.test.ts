import fc from "fast-check";
import { test } from "vitest";
import { transposedConv } from "../../../src/codegen/kernels/transposed-conv.js";
import { buildNode } from "../../../src/ir/build.js";
import type { NodeOf } from "../../../src/ir/graph.js";
import { ShapeError } from "../../../src/ir/ops/operator.js";
import { ends, extrasFor, randomConstant, windows } from "../../support/conv-case.js";
import { expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 5 });

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  groups: fc.constantFrom(1, 1, 2),
  inputs: fc.integer({ min: 1, max: 5 }),
  outputs: fc.constantFrom(1, 3, 4, 6, 16),
  height: side,
  width: side,
  window: windows,
  outputPads: fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })),
  end: ends,
});

type DeconvCase = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** The node, or undefined where pads leave nothing of the result. */
function deconvNode(one: DeconvCase): NodeOf<"deconv2d"> | undefined {
  const { batch, groups, inputs, outputs, height, width, window, outputPads, end } = one;
  const { kernel, ...attrs } = window;
  const operands = {
    input: inputOf(batch, inputs * groups, height, width),
    weight: randomConstant([inputs * groups, outputs, ...kernel], 1),
    bias: randomConstant([outputs * groups], 2),
  };
  try {
    const plain = { ...attrs, outputPads, groups, epilogue: [] };
    const result = buildNode("deconv2d", { ...operands, extras: [] }, plain).results[0]!;
    const extras = extrasFor(end, result.type.shape);
    const full = { ...attrs, outputPads, groups, epilogue: end.epilogue };
    return buildNode("deconv2d", { ...operands, extras }, full);
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

test("any transposed convolution equals its formula, in any layout", () => {
  fc.assert(
    fc.property(cases, kernelCases, (one, how) => {
      const node = deconvNode(one);
      fc.pre(node !== undefined);
      expectKernel(node, transposedConv, how, { tolerance: 1e-5 });
    }),
    { seed: 13, numRuns: 70 },
  );
});

test("doubling an image with a 2x2 kernel needs no halo", () => {
  fc.assert(
    fc.property(kernelCases, (how) => {
      const node = deconvNode({
        batch: 1,
        groups: 1,
        inputs: 5,
        outputs: 6,
        height: 3,
        width: 4,
        window: { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pads: [0, 0, 0, 0] },
        outputPads: [0, 0],
        end: { epilogue: [], shapes: [], constant: false },
      });
      const { halo } = transposedConv.needs(node!, node!.operands.input);
      fc.pre(halo !== undefined);
      if (Object.values(halo).some((n) => n !== 0)) throw new Error("a halo");
      expectKernel(node!, transposedConv, how, { tolerance: 1e-5 });
    }),
    { seed: 14, numRuns: 5 },
  );
});
