import fc from "fast-check";
import { expect, test } from "vitest";
import type { Algorithm } from "../../../src/codegen/kernels/algorithm.js";
import { winogradConv, winogradFour, winogradTwo } from "../../../src/codegen/kernels/winograd-conv.js";
import { fourOutputs, twoOutputs } from "../../../src/codegen/kernels/winograd-transforms.js";
import { buildNode } from "../../../src/ir/build.js";
import type { NodeOf } from "../../../src/ir/graph.js";
import type { Sides } from "../../../src/ir/ops/conv.js";
import { type EndCase, ends, extrasFor, randomConstant } from "../../support/conv-case.js";
import { expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

const pad = fc.integer({ min: 0, max: 2 });

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  inputs: fc.constantFrom(1, 2, 3, 4, 5, 8, 9),
  outputs: fc.constantFrom(1, 2, 3, 4, 6, 8, 11, 12, 16, 20, 32),
  height: fc.integer({ min: 1, max: 13 }),
  width: fc.integer({ min: 1, max: 13 }),
  pads: fc.oneof(fc.constant<Sides>([1, 1, 1, 1]), fc.tuple(pad, pad, pad, pad)),
  end: ends,
  bias: fc.boolean(),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const noEnd: EndCase = { epilogue: [], shapes: [], constant: false };

/** The node, or undefined where the padded image is smaller than the kernel. */
function convNode(one: Case): NodeOf<"conv2d"> | undefined {
  const { batch, inputs, outputs, height, width, pads, end, bias } = one;
  const [rows, columns] = [height + pads[0] + pads[2] - 2, width + pads[1] + pads[3] - 2];
  if (rows < 1 || columns < 1) return undefined;
  const operands = {
    input: inputOf(batch, inputs, height, width),
    weight: randomConstant([outputs, inputs, 3, 3], 1),
    bias: bias ? randomConstant([outputs], 2) : undefined,
    extras: extrasFor(end, [batch, outputs, rows, columns]),
  };
  const attrs = { stride: [1, 1], dilation: [1, 1], pads, groups: 1 } as const;
  return buildNode("conv2d", operands, { ...attrs, epilogue: end.epilogue });
}

/** The algorithm for maps of any size, with a cache so small that these are cut into blocks. */
const anySize = (form: typeof fourOutputs, cached: number): Algorithm<"conv2d"> => ({
  ...winogradConv(form, cached),
  refuse: () => undefined,
});

test.each([fourOutputs, twoOutputs])("$name equals the formula of the convolution", (form) => {
  fc.assert(
    fc.property(cases, kernelCases, fc.constantFrom(500, 2000, 100_000), (one, how, cached) => {
      const node = convNode(one);
      fc.pre(node !== undefined);
      expectKernel(node, anySize(form, cached), how, { tolerance: form.outputs === 4 ? 1e-4 : 2e-5 });
    }),
    { seed: 21, numRuns: 60 },
  );
});
