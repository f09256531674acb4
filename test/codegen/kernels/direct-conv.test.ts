import fc from "fast-check";
import { expect, test } from "vitest";
import { depthwiseConv } from "../../../src/codegen/kernels/depthwise-conv.js";
import { directConv } from "../../../src/codegen/kernels/direct-conv.js";
import { wasmTarget } from "../../../src/codegen/target.js";
import { buildNode } from "../../../src/ir/build.js";
import type { NodeOf } from "../../../src/ir/graph.js";
import { ShapeError } from "../../../src/ir/ops/operator.js";
import { ends, extrasFor, randomConstant, windows } from "../../support/conv-case.js";
import { expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const channels = fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 11, 12, 16, 20, 24, 32);
const side = fc.integer({ min: 1, max: 9 });

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  groups: fc.constantFrom(1, 1, 1, 2, 3),
  inputs: fc.integer({ min: 1, max: 5 }),
  outputs: channels,
  height: side,
  width: side,
  window: windows,
  end: ends,
  bias: fc.boolean(),
  depthwise: fc.boolean(),
});

type ConvCase = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** The node, or undefined where the kernel is larger than the padded image. */
function convNode(one: ConvCase): NodeOf<"conv2d"> | undefined {
  const { batch, inputs, outputs, height, width, window, end, bias, depthwise } = one;
  const groups = depthwise ? outputs : one.groups;
  const [wide, deep] = depthwise ? [outputs, 1] : [inputs * groups, inputs];
  const made = depthwise ? outputs : outputs * groups;
  const { kernel, ...attrs } = window;
  const operands = {
    input: inputOf(batch, wide, height, width),
    weight: randomConstant([made, deep, ...kernel], 1),
    bias: bias ? randomConstant([made], 2) : undefined,
  };
  try {
    const plain = { ...attrs, groups, epilogue: [] };
    const result = buildNode("conv2d", { ...operands, extras: [] }, plain).results[0]!;
    const extras = extrasFor(end, result.type.shape);
    const full = { ...attrs, groups, epilogue: end.epilogue };
    return buildNode("conv2d", { ...operands, extras }, full);
  } catch (error) {
    if (error instanceof ShapeError) return undefined;
    throw error;
  }
}

test("any convolution equals its formula, in any layout", () => {
  fc.assert(
    fc.property(cases, kernelCases, (one, how) => {
      const node = convNode({ ...one, depthwise: false });
      fc.pre(node !== undefined);
      expectKernel(node, directConv, how, { tolerance: 1e-5 });
    }),
    { seed: 11, numRuns: 70 },
  );
});

test("depth-wise convolutions equal their formula, in any layout", () => {
  fc.assert(
    fc.property(cases, kernelCases, (one, how) => {
      const node = convNode({ ...one, depthwise: true });
      fc.pre(node !== undefined && node.attrs.groups > 1);
      expectKernel(node, depthwiseConv, how, { tolerance: 1e-5 });
    }),
    { seed: 12, numRuns: 50 },
  );
});

test("the depth-wise kernel says what it is not for", () => {
  const node = (groups: number, outputs: number) =>
    buildNode(
      "conv2d",
      {
        input: inputOf(1, 4, 5, 5),
        weight: randomConstant([outputs, 4 / groups, 3, 3], 1),
        bias: undefined,
        extras: [],
      },
      { stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1], groups, epilogue: [] },
    );
  expect(depthwiseConv.refuse(node(4, 4), wasmTarget)).toBeUndefined();
  expect(depthwiseConv.refuse(node(1, 4), wasmTarget)).toBe("it has one group");
  expect(depthwiseConv.refuse(node(2, 4), wasmTarget)).toBe("its groups have 2 input channels");
  expect(depthwiseConv.refuse(node(4, 8), wasmTarget)).toBe(
    "its groups have several output channels",
  );
});
