import fc from "fast-check";
import { test } from "vitest";
import { linearProduct } from "../../../src/codegen/kernels/linear.js";
import { buildNode } from "../../../src/ir/build.js";
import { ends, extrasFor, randomConstant } from "../../support/conv-case.js";
import { expectKernel, inputOf, kernelCases } from "../../support/kernel-case.js";

test("a linear layer equals its formula, in any layout", () => {
  const sizes = fc.record({
    images: fc.integer({ min: 1, max: 7 }),
    inputs: fc.integer({ min: 1, max: 19 }),
    outputs: fc.constantFrom(1, 2, 4, 7, 10, 16, 27, 40),
    bias: fc.boolean(),
    end: ends,
  });
  fc.assert(
    fc.property(sizes, kernelCases, ({ images, inputs, outputs, bias, end }, how) => {
      const shape = [images, outputs];
      const operands = {
        input: inputOf(images, inputs),
        weight: randomConstant([outputs, inputs], 1),
        bias: bias ? randomConstant([outputs], 2) : undefined,
        extras: extrasFor(end, shape),
      };
      const node = buildNode("linear", operands, { epilogue: end.epilogue });
      expectKernel(node, linearProduct, how, { tolerance: 1e-5 });
    }),
    { seed: 15, numRuns: 60 },
  );
});
