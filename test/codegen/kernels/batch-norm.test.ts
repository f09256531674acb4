import fc from "fast-check";
import { test } from "vitest";
import { batchNormMap } from "../../../src/codegen/kernels/batch-norm.js";
import { buildNode, constantOf } from "../../../src/ir/build.js";
import type { Value } from "../../../src/ir/graph.js";
import {
  channelCounts,
  expectKernel,
  inputOf,
  kernelCases,
  noise,
} from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 5 });
const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side),
  fc.tuple(fc.integer({ min: 1, max: 3 }), channelCounts),
);

test("statistics are applied per channel, known at compile time or not", () => {
  fc.assert(
    fc.property(shapes, fc.boolean(), kernelCases, (shape, constant, how) => {
      const c = shape[1];
      const positive = noise(c, 8).map((x) => x + 2.5);
      const perChannel = (seed: number): Value =>
        constant ? constantOf([c], noise(c, seed)) : inputOf(c);
      const variance = constant ? constantOf([c], positive) : inputOf(c);
      const operands = {
        input: inputOf(...shape),
        gamma: perChannel(5),
        beta: perChannel(6),
        mean: perChannel(7),
        variance,
      };
      const node = buildNode("batchNorm", operands, { epsilon: 0.25 });
      const data = constant ? new Map() : new Map([[variance, positive]]);
      expectKernel(node, batchNormMap, how, { tolerance: 1e-5, data });
    }),
    { seed: 32, numRuns: 60 },
  );
});
