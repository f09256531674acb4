import fc from "fast-check";
import { expect, test } from "vitest";
import type { Algorithm } from "../../../src/codegen/kernels/algorithm.js";
import { batchNormMap } from "../../../src/codegen/kernels/batch-norm.js";
import { depthwiseConv } from "../../../src/codegen/kernels/depthwise-conv.js";
import { directConv } from "../../../src/codegen/kernels/direct-conv.js";
import { binaryMap, unaryMap } from "../../../src/codegen/kernels/elementwise.js";
import { groupNormPasses } from "../../../src/codegen/kernels/group-norm.js";
import { softmaxRows } from "../../../src/codegen/kernels/softmax.js";
import { typescriptTarget, wasmTarget } from "../../../src/codegen/target.js";
import { buildNode, constantOf } from "../../../src/ir/build.js";
import type { Node, NodeOf, Value } from "../../../src/ir/graph.js";
import { operandsOf } from "../../../src/ir/graph.js";
import type { Epilogue } from "../../../src/ir/ops/arithmetic.js";
import type { OpName } from "../../../src/ir/ops/index.js";
import { sizeOf } from "../../../src/ir/types.js";
import {
  channelCounts,
  expectClose,
  inputOf,
  noise,
  reference,
} from "../../support/kernel-case.js";
import { arrange, inFloat32, runKernel } from "../../support/kernel-site.js";

/** Runs a kernel whose result lies where its input does, both in one layout. */
function expectInPlace<K extends OpName>(
  node: NodeOf<K>,
  algorithm: Algorithm<K>,
  input: Value,
  how: { order: "nhwc" | "rowMajor"; gap: number; lanes: 4 | 1 },
): void {
  expect(algorithm.overwrites?.(node, input)).toBe(true);
  const target = how.lanes === 4 ? wasmTarget : typescriptTarget;
  const [result] = node.results;
  const operands = [...new Set(operandsOf(node as Node))];
  const arrangements = new Map(
    [...operands, result!].map((value) => [value, arrange(value.type, how)]),
  );
  const numbers = (value: Value, index: number): Float32Array =>
    value.node.op === "constant"
      ? value.node.attrs.data
      : noise(sizeOf(value.type.shape), 60 + index);
  const data = new Map(operands.map((value, index) => [value, numbers(value, index)]));
  const given = new Map([...data].filter(([value]) => value.node.op === "input"));
  const expected = reference(node as Node, given);
  const kernel = algorithm.build(node, {
    target,
    layoutOf: (value) => arrangements.get(value)!.layout,
  });
  const inPlace = new Map([[result!, input]]);
  const run = { kernel, arrangements, data, results: node.results, inPlace };
  const [actual] = runKernel(run, inFloat32);
  expectClose(actual!, expected[0]!, 1e-5);
}

test("kernels that offer to write over an operand may be taken at their word", () => {
  const side = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), channelCounts, side, side),
      fc.record({
        order: fc.constantFrom("nhwc" as const, "rowMajor" as const),
        gap: fc.constantFrom(0, 3),
        lanes: fc.constantFrom(4 as const, 1 as const),
      }),
      (shape, how) => {
        const [input, other] = [inputOf(...shape), inputOf(...shape)];
        const c = shape[1];
        const perChannel = (seed: number): Value => constantOf([c], noise(c, seed));
        const [gamma, beta, mean] = [perChannel(1), perChannel(2), perChannel(3)];
        const variance = constantOf(
          [c],
          noise(c, 4).map((x) => x + 2.5),
        );
        const unary = buildNode("unary", { input }, { fn: { kind: "silu" } });
        expectInPlace(unary, unaryMap, input, how);
        const sum = buildNode("binary", { left: other, right: input }, { fn: "sub" });
        expectInPlace(sum, binaryMap, input, how);
        const norm = { input, gamma, beta, mean, variance };
        const batchNorm = buildNode("batchNorm", norm, { epsilon: 0.25 });
        expectInPlace(batchNorm, batchNormMap, input, how);
        for (const groups of [1, c]) {
          const attrs = { groups, epsilon: 0.25 };
          const groupNorm = buildNode("groupNorm", { input, gamma, beta }, attrs);
          expectInPlace(groupNorm, groupNormPasses, input, how);
        }
        for (const axis of [1, 3]) {
          const softmax = buildNode("softmax", { input }, { axis, log: axis === 3 });
          expectInPlace(softmax, softmaxRows, input, how);
        }
      },
    ),
    { seed: 61, numRuns: 25 },
  );
});

const plus: Epilogue[number] = { kind: "binary", fn: "add", extra: 0, side: "left" };
const silu: Epilogue[number] = { kind: "unary", fn: { kind: "silu" } };

/** A convolution of 6 channels whose epilogue reads a second map. */
function withResidual(groups: number, epilogue: Epilogue) {
  const [input, residual] = [inputOf(1, 6, 5, 7), inputOf(1, 6, 5, 7)];
  const weight = constantOf([6, 6 / groups, 1, 1], noise(36 / groups, 1));
  const operands = { input, weight, bias: undefined, extras: [residual] };
  const attrs = { stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0], groups } as const;
  return { node: buildNode("conv2d", operands, { ...attrs, epilogue }), residual };
}

test.each([
  ["direct", directConv, 1],
  ["depth-wise", depthwiseConv, 6],
] as const)("a %s convolution overwrites a residual that it has read", (_, algorithm, groups) => {
  for (const epilogue of [[plus], [plus, silu]]) {
    const { node, residual } = withResidual(groups, epilogue);
    for (const lanes of [4, 1] as const) {
      expectInPlace(node, algorithm, residual, { order: "nhwc", gap: 3, lanes });
    }
  }
  const late = withResidual(groups, [silu, plus]);
  expect(algorithm.overwrites?.(late.node, late.residual)).toBe(false);
});
