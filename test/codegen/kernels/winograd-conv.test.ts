import fc from "fast-check";
import { expect, test } from "vitest";
import type { Algorithm } from "../../../src/codegen/kernels/algorithm.js";
import {
  winogradConv,
  winogradFour,
  winogradTwo,
} from "../../../src/codegen/kernels/winograd-conv.js";
import { fourOutputs, twoOutputs } from "../../../src/codegen/kernels/winograd-transforms.js";
import { wasmTarget } from "../../../src/codegen/target.js";
import { buildNode } from "../../../src/ir/build.js";
import type { NodeOf } from "../../../src/ir/graph.js";
import type { Conv2dAttributes, Pair, Sides } from "../../../src/ir/ops/conv.js";
import { sizeOf } from "../../../src/ir/types.js";
import { type EndCase, ends, extrasFor, randomConstant } from "../../support/conv-case.js";
import {
  expectClose,
  expectKernel,
  inputOf,
  kernelCases,
  noise,
  reference,
} from "../../support/kernel-case.js";
import {
  type Arrangement,
  arrange,
  inFloat32,
  runKernel,
  runNode,
} from "../../support/kernel-site.js";

const pad = fc.integer({ min: 0, max: 2 });

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  inputs: fc.constantFrom(1, 2, 3, 4, 5, 8, 9),
  outputs: fc.constantFrom(1, 2, 3, 4, 6, 8, 11, 12, 16, 20, 32),
  height: fc.integer({ min: 1, max: 10 }),
  width: fc.integer({ min: 1, max: 10 }),
  pads: fc.oneof(fc.constant<Sides>([1, 1, 1, 1]), fc.tuple(pad, pad, pad, pad)),
  end: ends,
  bias: fc.boolean(),
});

type Drawn = typeof cases extends fc.Arbitrary<infer T> ? T : never;
type Case = Omit<Drawn, "inputs" | "outputs"> & {
  readonly inputs: number;
  readonly outputs: number;
};

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

/** The algorithm for maps of any size, with blocks of tiles so small that these are cut. */
const anySize = (form: typeof fourOutputs, blockTiles?: number): Algorithm<"conv2d"> => ({
  ...winogradConv(form, blockTiles),
  refuse: () => undefined,
});

test.each([fourOutputs, twoOutputs])("$name equals the formula of the convolution", (form) => {
  fc.assert(
    fc.property(cases, kernelCases, fc.constantFrom(1, 4, 9, undefined), (one, how, tiles) => {
      const node = convNode(one);
      fc.pre(node !== undefined);
      const tolerance = form.outputs === 4 ? 1e-4 : 2e-5;
      expectKernel(node, anySize(form, tiles), how, { tolerance });
    }),
    { seed: 21, numRuns: 25 },
  );
});

const plain = { batch: 1, pads: [1, 1, 1, 1] as Sides, end: noEnd, bias: true };

test("any split of the range gives the same bits, by rows of tiles and by channels", () => {
  const shapes = [
    { ...plain, inputs: 2, outputs: 12, height: 17, width: 9 },
    { ...plain, inputs: 9, outputs: 40, height: 5, width: 6, batch: 2 },
  ];
  for (const shape of shapes) {
    const node = convNode(shape)!;
    const { input } = node.operands;
    const data = new Map([[input, noise(sizeOf(input.type.shape), 5)]]);
    const wish = (): Arrangement => ({ order: "nhwc", gap: 3 });
    const run = (calls: number) =>
      runNode(node, anySize(fourOutputs, 4), {
        target: wasmTarget,
        wish,
        data,
        execute: inFloat32,
        calls,
      })[0];
    const whole = run(1);
    for (const calls of [2, 3, 5]) expect(run(calls)).toEqual(whole);
  }
});

test("the result may be written over a residual operand", () => {
  const end: EndCase = {
    shapes: ["whole"],
    constant: false,
    epilogue: [{ kind: "binary", fn: "add", extra: 0, side: "right" }],
  };
  const node = convNode({ ...plain, inputs: 3, outputs: 6, height: 6, width: 7, end })!;
  const algorithm = anySize(fourOutputs, 4);
  const { input, extras } = node.operands;
  const [residual] = extras;
  const [result] = node.results;
  expect(algorithm.overwrites?.(node, residual!)).toBe(true);
  expect(algorithm.overwrites?.(node, input)).toBe(false);
  const halo = algorithm.needs(node, input).halo!;
  const arrangements = new Map([
    [input, arrange(input.type, { order: "nhwc", halo })],
    [residual!, arrange(residual!.type, { order: "nhwc" })],
    [result!, arrange(result!.type, { order: "nhwc" })],
  ]);
  const numbers = [input, residual!].map(
    (value, i) => [value, noise(sizeOf(value.type.shape), 7 + i)] as const,
  );
  const expected = reference(node, new Map(numbers));
  const kernel = algorithm.build(node, {
    target: wasmTarget,
    layoutOf: (value) => arrangements.get(value)!.layout,
  });
  const inPlace = new Map([[result!, residual!]]);
  const data = new Map(numbers);
  const run = { kernel, arrangements, data, results: node.results, inPlace, zeroHalos: [input] };
  const [actual] = runKernel(run, inFloat32);
  expectClose(actual!, expected[0]!, 1e-4);
});

test("Winograd says what it is not for", () => {
  const node = (kernel: Pair, attrs: Partial<Conv2dAttributes>, channels: Pair, side: number) => {
    const { stride = [1, 1], dilation = [1, 1], groups = 1 } = attrs;
    const operands = {
      input: inputOf(1, channels[0], side, side),
      weight: randomConstant([channels[1], channels[0] / groups, ...kernel], 1),
      bias: undefined,
      extras: [],
    };
    const rest = { stride, dilation, groups, epilogue: [] };
    return buildNode("conv2d", operands, { pads: [1, 1, 1, 1], ...rest });
  };
  const refusal = (...all: Parameters<typeof node>) =>
    winogradFour.refuse(node(...all), wasmTarget);
  expect(refusal([3, 3], {}, [32, 32], 8)).toBeUndefined();
  expect(refusal([3, 1], {}, [32, 32], 8)).toBe("its kernel is 3x1");
  expect(refusal([3, 3], { stride: [1, 2] }, [32, 32], 8)).toBe("it has a stride");
  expect(refusal([3, 3], { dilation: [2, 2] }, [32, 32], 8)).toBe("it is dilated");
  expect(refusal([3, 3], { groups: 2 }, [32, 32], 8)).toBe("it has groups");
  expect(refusal([3, 3], {}, [32, 8], 8)).toBe("it has few channels");
  expect(refusal([3, 3], {}, [32, 32], 4)).toBe("its map has few tiles");
  expect(winogradTwo.refuse(node([3, 3], {}, [32, 32], 4), wasmTarget)).toBeUndefined();
});
