import fc from "fast-check";
import { expect, test } from "vitest";
import { build } from "../../../src/ir/build.js";
import { dataOf } from "../../../src/ir/constants.js";
import { macsOf } from "../../../src/ir/cost.js";
import type { Value } from "../../../src/ir/graph.js";
import type { Conv2dAttributes } from "../../../src/ir/ops/conv.js";
import { expectClose } from "../../support/close.js";
import { conv, deconv, image, input, linear, literal, weights } from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const plain: Conv2dAttributes = {
  stride: [1, 1],
  dilation: [1, 1],
  pads: [0, 0, 0, 0],
  groups: 1,
  epilogue: [],
};

const square = literal([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const taps = literal([1, 1, 2, 2], [1, 10, 100, 1000]);
const conv2d = (attrs: Partial<Conv2dAttributes>, bias?: Value, of = square, weight = taps) =>
  build("conv2d", { input: of, weight, bias, extras: [] }, { ...plain, ...attrs });

test("conv2d correlates: the kernel is not turned", () => {
  expect(meaningOf(conv2d({}))).toEqual([5421, 6532, 8754, 9865]);
});

test("conv2d adds one bias for each output channel", () => {
  const weight = literal([2, 1, 1, 1], [1, -1]);
  const two = conv2d({}, literal([2], [0.5, 0.25]), literal([1, 1, 1, 2], [3, 4]), weight);
  expect(meaningOf(two)).toEqual([3.5, 4.5, -2.75, -3.75]);
});

test("conv2d pads each side by its own amount with zeros", () => {
  const top = conv2d({ pads: [1, 0, 0, 0] });
  expect(top.type.shape).toEqual([1, 1, 3, 2]);
  expect(meaningOf(top)).toEqual([2100, 3200, 5421, 6532, 8754, 9865]);
  expect(meaningOf(conv2d({ pads: [0, 1, 0, 0] })).slice(0, 3)).toEqual([4010, 5421, 6532]);
  expect(meaningOf(conv2d({ pads: [0, 0, 1, 0] })).slice(4)).toEqual([87, 98]);
  expect(meaningOf(conv2d({ pads: [0, 0, 0, 1] })).slice(0, 3)).toEqual([5421, 6532, 603]);
});

test("conv2d steps by the stride and spreads by the dilation, each axis on its own", () => {
  expect(meaningOf(conv2d({ stride: [1, 2], pads: [0, 0, 0, 1] }))).toEqual([5421, 603, 8754, 906]);
  expect(meaningOf(conv2d({ dilation: [2, 1] }))).toEqual([8721, 9832]);
  expect(meaningOf(conv2d({ dilation: [1, 2] }))).toEqual([6431, 9764]);
});

test("conv2d's groups see their own channels only", () => {
  const two = literal([1, 4, 1, 1], [1, 10, 100, 1000]);
  const weight = literal([2, 2, 1, 1], [1, 2, 3, 4]);
  expect(meaningOf(conv2d({ groups: 2 }, undefined, two, weight))).toEqual([21, 4300]);
});

test("conv2d's epilogue follows the bias, step after step", () => {
  const operands = {
    input: literal([1, 1, 1, 2], [1, -3]),
    weight: literal([1, 1, 1, 1], [2]),
    bias: literal([1], [1]),
    extras: [literal([], [10]), literal([1, 1, 1, 2], [4, 5])],
  };
  const sum = build("conv2d", operands, {
    ...plain,
    epilogue: [
      { kind: "unary", fn: { kind: "relu" } },
      { kind: "binary", fn: "sub", extra: 0, side: "left" },
      { kind: "binary", fn: "mul", extra: 1, side: "right" },
    ],
  });
  expect(meaningOf(sum)).toEqual([(10 - 3) * 4, (10 - 0) * 5]);
});

/** The definition, one output at a time, written with a test for each tap. */
function naiveConv(value: Value): number[] {
  const { node } = value;
  if (node.op !== "conv2d") throw new Error("no conv2d");
  const { input: x, weight, bias } = node.operands;
  const [n, c, h, w] = x.type.shape as [number, number, number, number];
  const [out, perGroup, kh, kw] = weight.type.shape as [number, number, number, number];
  const { stride, dilation, pads, groups } = node.attrs;
  const result: number[] = [];
  for (let b = 0; b < n; b++)
    for (let o = 0; o < out; o++)
      for (let y = 0; y < value.type.shape[2]!; y++)
        for (let z = 0; z < value.type.shape[3]!; z++) {
          let sum = bias ? dataOf(bias)![o]! : 0;
          for (let k = 0; k < perGroup; k++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const row = y * stride[0] + i * dilation[0] - pads[0];
                const column = z * stride[1] + j * dilation[1] - pads[1];
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                const channel = Math.floor((o * groups) / out) * perGroup + k;
                const at = ((b * c + channel) * h + row) * w + column;
                const tap = ((o * perGroup + k) * kh + i) * kw + j;
                sum += dataOf(x)![at]! * dataOf(weight)![tap]!;
              }
          result.push(sum);
        }
  return result;
}

const size = (max: number) => fc.integer({ min: 1, max });
const sizes = (max: number) => fc.tuple(size(max), size(max));
const amount = fc.integer({ min: 0, max: 3 });
const geometry = fc.record({
  kernel: sizes(4),
  stride: sizes(3),
  dilation: sizes(3),
  pads: fc.tuple(amount, amount, amount, amount),
  groups: fc.constantFrom(1, 2, 3),
  bias: fc.boolean(),
});

const fits =
  ({ kernel, dilation, pads }: { kernel: number[]; dilation: number[]; pads: number[] }) =>
  (h: number, w: number) =>
    dilation[0]! * (kernel[0]! - 1) + 1 <= h + pads[0]! + pads[2]! &&
    dilation[1]! * (kernel[1]! - 1) + 1 <= w + pads[1]! + pads[3]!;

test("conv2d is its definition for any stride, padding, dilation and groups", () => {
  fc.assert(
    fc.property(geometry, sizes(7), size(2), fc.nat(999), (options, [h, w], batch, seed) => {
      fc.pre(fits(options)(h, w));
      const x = weights([batch, 2 * options.groups, h, w], seed);
      const y = conv(x, 3 * options.groups, { ...options, seed });
      expectClose(meaningOf(y), naiveConv(y), 1e-12);
    }),
    { numRuns: 120, seed: 1 },
  );
});

const deconv2d = (options: Parameters<typeof deconv>[2], data: readonly number[]) => {
  const value = deconv(literal([1, 1, 1, data.length], data), 1, { bias: false, ...options });
  const { node } = value;
  if (node.op !== "deconv2d") throw new Error("no deconv2d");
  const operands = { ...node.operands, weight: literal([1, 1, 1, 3], [1, 10, 100]) };
  return build("deconv2d", operands, node.attrs);
};

test("deconv2d spreads each input over the kernel", () => {
  const options = { kernel: [1, 3] } as const;
  expect(meaningOf(deconv2d(options, [1, 2]))).toEqual([1, 12, 120, 200]);
  expect(meaningOf(deconv2d({ ...options, stride: [1, 2] }, [1, 2]))).toEqual([
    1, 10, 102, 20, 200,
  ]);
  expect(meaningOf(deconv2d({ ...options, dilation: [1, 2] }, [1, 2]))).toEqual([
    1, 2, 10, 20, 100, 200,
  ]);
});

test("deconv2d's pads cut the result and its output pads extend it", () => {
  const options = { kernel: [1, 3], stride: [1, 2] } as const;
  expect(meaningOf(deconv2d({ ...options, pads: [0, 1, 0, 2] }, [1, 2]))).toEqual([10, 102]);
  const longer = deconv2d({ ...options, outputPads: [0, 1] }, [1, 2]);
  expect(meaningOf(longer)).toEqual([1, 10, 102, 20, 200, 0]);
  const shifted = deconv2d({ ...options, pads: [0, 0, 0, 1], outputPads: [0, 1] }, [1, 2]);
  expect(meaningOf(shifted)).toEqual([1, 10, 102, 20, 200]);
});

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, x, i) => s + x * b[i]!, 0);

test("deconv2d is the adjoint of conv2d: ⟨conv(x), y⟩ = ⟨x, deconv(y)⟩", () => {
  fc.assert(
    fc.property(geometry, sizes(7), fc.nat(999), (options, [h, w], seed) => {
      fc.pre(fits(options)(h, w));
      const { groups, stride, pads, dilation } = options;
      const x = weights([2, 2 * groups, h, w], seed);
      const y = conv(x, 3 * groups, { ...options, bias: false, seed });
      if (y.node.op !== "conv2d") throw new Error("no conv2d");
      const { weight } = y.node.operands;
      const [, , oh, ow] = y.type.shape as [number, number, number, number];
      const back = weights(y.type.shape, seed + 1);
      const rest = (all: number, i: 0 | 1, fitted: number) =>
        all +
        pads[i]! +
        pads[i + 2]! -
        (fitted - 1) * stride[i]! -
        dilation[i]! * (weight.type.shape[i + 2]! - 1) -
        1;
      const outputPads = [rest(h, 0, oh), rest(w, 1, ow)] as const;
      const operands = { input: back, weight, bias: undefined, extras: [] };
      const attrs = { stride, pads, dilation, groups, outputPads, epilogue: [] };
      const z = build("deconv2d", operands, attrs);
      expect(z.type.shape).toEqual(x.type.shape);
      const left = dot(meaningOf(y), meaningOf(back));
      expect(dot(meaningOf(x), meaningOf(z))).toBeCloseTo(left, 9);
    }),
    { numRuns: 120, seed: 2 },
  );
});

test("deconv2d adds its bias once", () => {
  const once = build(
    "deconv2d",
    {
      input: literal([1, 1, 1, 1], [2]),
      weight: literal([1, 2, 1, 1], [3, 4]),
      bias: literal([2], [0.5, 0.25]),
      extras: [],
    },
    { ...plain, outputPads: [0, 0] },
  );
  expect(meaningOf(once)).toEqual([6.5, 8.25]);
});

test("linear multiplies rows by weights and adds the bias", () => {
  const operands = {
    input: literal([2, 2], [1, 2, 3, 4]),
    weight: literal([3, 2], [1, 10, 100, 1000, 0, 1]),
    bias: literal([3], [0.5, 0, -1]),
    extras: [],
  };
  const y = build("linear", operands, { epilogue: [] });
  expect(meaningOf(y)).toEqual([21.5, 2100, 1, 43.5, 4300, 3]);
});

test("multiply-accumulates count padded taps", () => {
  expect(macsOf(conv(image(4, 6), 8, { groups: 2, stride: 2 }).node)).toBe(8 * 9 * 2 * 9);
  expect(macsOf(deconv(image(4, 6), 8, { groups: 2, stride: 2 }).node)).toBe(4 * 36 * 4 * 9);
  expect(macsOf(linear(input([2, 7]), 5).node)).toBe(2 * 7 * 5);
});

test("operands and attributes that do not fit are refused with their shapes", () => {
  const x = image(4, 6);
  const refused = (attrs: Partial<Conv2dAttributes>, weight: number[], bias: number[] = [8]) =>
    refusalOf(() =>
      build(
        "conv2d",
        { input: x, weight: weights(weight, 1), bias: weights(bias, 1), extras: [] },
        { ...plain, ...attrs },
      ),
    );
  expect(refused({}, [8, 3, 1, 1])).toBe(
    "operand-shape: conv2d: the weight must have the shape [8,4,1,1], but has [8,3,1,1]",
  );
  expect(refused({}, [8, 4, 1, 1], [4])).toMatch("the bias must have the shape [8], but has [4]");
  expect(refused({ groups: 3 }, [8, 4, 1, 1])).toMatch(
    "3 groups do not divide the 4 input channels",
  );
  expect(refused({ groups: 4 }, [6, 1, 1, 1])).toMatch(
    "4 groups do not divide the 6 output channels",
  );
  expect(refused({ groups: 0 }, [8, 4, 1, 1])).toMatch(
    "groups must be a whole number of at least 1",
  );
  expect(refused({ stride: [1, 0] }, [8, 4, 1, 1])).toMatch(
    "stride must be whole numbers of at least 1, but is [1,0]",
  );
  expect(refused({ stride: [Number.NaN, 1] }, [8, 4, 1, 1])).toMatch("stride");
  expect(refused({ dilation: [1.5, 1] }, [8, 4, 1, 1])).toMatch("dilation");
  expect(refused({ pads: [-1, 0, 0, 0] }, [8, 4, 1, 1])).toMatch(
    "padding must be whole numbers of at least 0",
  );
  expect(refused({ pads: [0, 1e9, 0, 0] }, [8, 4, 1, 1])).toMatch("at most 1048576");
  expect(refused({ dilation: [3, 1] }, [8, 4, 3, 1])).toBe(
    "kernel-larger-than-input: conv2d: the kernel covers 7x1, but the padded input is only 6x6",
  );
  expect(refused({ pads: [99999, 99999, 99999, 99999] }, [8, 4, 1, 1])).toMatch("tensor-too-large");
  expect(refusalOf(() => conv(input([4, 6]), 8))).toMatch("wrong-rank");
  expect(refusalOf(() => linear(input([1, 4, 2]), 8))).toMatch(
    "must be of rank 2, but is f32[1,4,2]",
  );
  expect(refusalOf(() => deconv(x, 8, { stride: 2, outputPads: 2 }))).toMatch(
    "output padding must be less than the stride or the dilation, 2, but is 2",
  );
  expect(refusalOf(() => deconv(x, 8, { pads: 4 }))).toMatch("empty-tensor");
});

test("an epilogue that does not fit is refused", () => {
  const step = { kind: "binary", fn: "add", extra: 0, side: "right" } as const;
  const x = image(4, 6);
  expect(refusalOf(() => conv(x, 8, { epilogue: [step] }))).toMatch("one of the 0 extras");
  expect(refusalOf(() => conv(x, 8, { epilogue: [step], extras: [image(4, 6)] }))).toBe(
    "cannot-broadcast: conv2d's add: the shapes [1,8,6,6] and [1,4,6,6] do not fit each other",
  );
  // An extra may repeat, but never make the result larger.
  const larger = weights([2, 8, 6, 6], 1);
  expect(refusalOf(() => conv(x, 8, { epilogue: [step], extras: [larger] }))).toMatch(
    "cannot-broadcast",
  );
});
