import fc from "fast-check";
import { test } from "vitest";
import { groupNormPasses } from "../../../src/codegen/kernels/group-norm.js";
import { buildNode, constantOf } from "../../../src/ir/build.js";
import { expectKernel, inputOf, kernelCases, noise } from "../../support/kernel-case.js";

const shapes = fc.oneof(
  fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.constantFrom(1, 2, 3, 4, 6, 8, 13, 16, 20),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 2, max: 6 }),
  ),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(2, 6, 12)),
);
const divisors = (n: number): number[] =>
  [...Array(n).keys()].map((i) => i + 1).filter((d) => n % d === 0);

test("groups of channels are normalised by their own mean and variance", () => {
  const cases = shapes.chain((shape) =>
    fc.tuple(fc.constant(shape), fc.constantFrom(...divisors(shape[1])), fc.boolean()),
  );
  fc.assert(
    fc.property(cases, kernelCases, ([shape, groups, constant], how) => {
      const c = shape[1];
      const operands = {
        input: inputOf(...shape),
        gamma: constant ? constantOf([c], noise(c, 3)) : inputOf(c),
        beta: constant ? constantOf([c], noise(c, 4)) : inputOf(c),
      };
      const node = buildNode("groupNorm", operands, { groups, epsilon: 0.25 });
      expectKernel(node, groupNormPasses, how, { tolerance: 1e-5 });
    }),
    { seed: 31, numRuns: 50 },
  );
});
