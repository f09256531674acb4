import fc from "fast-check";
import { expect, test } from "vitest";
import { binaryMap, elementwiseChain, unaryMap } from "../../../src/codegen/kernels/elementwise.js";
import { buildNode, constantOf } from "../../../src/ir/build.js";
import type { Value } from "../../../src/ir/graph.js";
import { sizeOf } from "../../../src/ir/types.js";
import {
  channelCounts,
  expectKernel,
  inputOf,
  kernelCases,
  noise,
} from "../../support/kernel-case.js";

const side = fc.integer({ min: 1, max: 6 });
const shapes = fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side);

/** A shape that broadcasts to another: axes made 1, leading axes left out. */
const broadcastOf = (shape: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 4 }))
    .map(([ones, skip]) => shape.map((n, axis) => (ones[axis] ? 1 : n)).slice(skip));

const operandOf = (constant: boolean, shape: readonly number[], seed: number): Value =>
  constant ? constantOf(shape, noise(sizeOf(shape), seed)) : inputOf(...shape);

test("a unary function reaches every element of any layout", () => {
  fc.assert(
    fc.property(shapes, kernelCases, (shape, how) => {
      const node = buildNode("unary", { input: inputOf(...shape) }, { fn: { kind: "relu" } });
      expectKernel(node, unaryMap, how);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test("binary operands broadcast both ways, constants and not", () => {
  const operands = shapes.chain((shape) =>
    fc.tuple(broadcastOf(shape), broadcastOf(shape), fc.boolean()),
  );
  const fns = fc.constantFrom("add", "sub", "mul", "div", "min", "max", "prelu", "less", "mask");
  fc.assert(
    fc.property(operands, fns, kernelCases, ([left, right, constant], fn, how) => {
      const operands = { left: inputOf(...left), right: operandOf(constant, right, 7) };
      expectKernel(buildNode("binary", operands, { fn }), binaryMap, how, { tolerance: 1e-5 });
    }),
    { seed: 4, numRuns: 60 },
  );
});

test("a chain reads each extra on its side, in order", () => {
  fc.assert(
    fc.property(shapes, fc.boolean(), kernelCases, (shape, constant, how) => {
      const channels = [1, shape[1], 1, 1];
      const extras = [
        operandOf(constant, shape, 5),
        operandOf(constant, channels, 6),
        constantOf([], noise(1, 9)),
      ];
      const node = buildNode(
        "elementwise",
        { input: inputOf(...shape), extras },
        {
          steps: [
            { kind: "binary", fn: "mul", extra: 1, side: "right" },
            { kind: "unary", fn: { kind: "leakyRelu", slope: 0.25 } },
            { kind: "binary", fn: "sub", extra: 0, side: "left" },
            { kind: "binary", fn: "add", extra: 2, side: "right" },
          ],
        },
      );
      expectKernel(node, elementwiseChain, how);
    }),
    { seed: 5, numRuns: 50 },
  );
});

test("a long contiguous value is cut into ranges that meet", () => {
  const node = buildNode("unary", { input: inputOf(10_001) }, { fn: { kind: "neg" } });
  const rowMajor = { order: "rowMajor" } as const;
  for (const target of ["wasm", "typescript"] as const) {
    expectKernel(node, unaryMap, {
      arrangements: Array(6).fill(rowMajor),
      target,
      calls: 3,
      seed: 1,
    });
  }
});

test("a result may be written over operands of its shape only", () => {
  const [left, right] = [inputOf(1, 4, 2, 2), inputOf(1, 4, 1, 1)];
  const node = buildNode("binary", { left, right }, { fn: "add" });
  expect(binaryMap.overwrites?.(node, left)).toBe(true);
  expect(binaryMap.overwrites?.(node, right)).toBe(false);
});
