import fc from "fast-check";
import { expect, test } from "vitest";
import { softmaxRows } from "../../../src/codegen/kernels/softmax.js";
import { wasmTarget } from "../../../src/codegen/target.js";
import { buildNode } from "../../../src/ir/build.js";
import {
  channelCounts,
  expectKernel,
  inputOf,
  kernelCases,
  noise,
} from "../../support/kernel-case.js";
import { inFloat32, runNode } from "../../support/kernel-site.js";

const side = fc.integer({ min: 1, max: 6 });
const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 3 }), channelCounts, side, side),
  fc.tuple(fc.integer({ min: 1, max: 3 }), channelCounts),
);

test("softmax and its logarithm along any axis of any layout", () => {
  const cases = shapes.chain((shape) =>
    fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), fc.boolean()),
  );
  fc.assert(
    fc.property(cases, kernelCases, ([shape, axis, log], how) => {
      const node = buildNode("softmax", { input: inputOf(...shape) }, { axis, log });
      expectKernel(node, softmaxRows, how);
    }),
    { seed: 22, numRuns: 60 },
  );
});

test("large numbers neither overflow nor lose the sum", () => {
  const input = inputOf(1, 10);
  const data = noise(10).map((x) => x * 40 + 500);
  const [result] = runNode(buildNode("softmax", { input }, { axis: 1, log: false }), softmaxRows, {
    target: wasmTarget,
    wish: () => ({ order: "rowMajor" }),
    data: new Map([[input, data]]),
    execute: inFloat32,
  });
  expect(result!.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6);
});
