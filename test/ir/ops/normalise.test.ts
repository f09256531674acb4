import { expect, test } from "vitest";
import { build } from "../../../src/ir/build.js";
import { expectClose } from "../../support/close.js";
import { groupNorm, image, input, literal, lrn, norm, softmax } from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const batchNorm = (shape: number[], data: number[]) =>
  build(
    "batchNorm",
    {
      input: literal(shape, data),
      gamma: literal([2], [2, 3]),
      beta: literal([2], [0.5, -1]),
      mean: literal([2], [1, 2]),
      variance: literal([2], [3.75, 0]),
    },
    { epsilon: 0.25 },
  );

test("batchNorm scales by γ / √(σ² + ε) around the mean, per channel", () => {
  expect(meaningOf(batchNorm([2, 2], [1, 2, 3, 4]))).toEqual([0.5, -1, 2.5, 11]);
  expect(meaningOf(batchNorm([1, 2, 1, 2], [1, 3, 2, 4]))).toEqual([0.5, 2.5, -1, 11]);
});

test("groupNorm normalises each image's groups by their own statistics", () => {
  const norm = build(
    "groupNorm",
    {
      input: literal([2, 4, 1, 1], [1, 3, 10, 30, 2, 2, 0, 4]),
      gamma: literal([4], [1, 2, 1, 1]),
      beta: literal([4], [0, 0, 5, 0]),
    },
    { groups: 2, epsilon: 0.25 },
  );
  const [one, ten, two] = [Math.sqrt(1.25), Math.sqrt(100.25), Math.sqrt(4.25)];
  const expected = [-1 / one, 2 / one, 5 - 10 / ten, 10 / ten, 0, 0, 5 - 2 / two, 2 / two];
  expectClose(meaningOf(norm), expected, 1e-12);
});

test("as many groups as channels normalise each plane", () => {
  const operands = {
    input: literal([1, 2, 1, 2], [1, 3, 10, 30]),
    gamma: literal([2], [1, 1]),
    beta: literal([2], [0, 0]),
  };
  const instance = build("groupNorm", operands, { groups: 2, epsilon: 0.25 });
  const [one, ten] = [1 / Math.sqrt(1.25), 10 / Math.sqrt(100.25)];
  expectClose(meaningOf(instance), [-one, one, -ten, ten], 1e-12);
});

test("lrn divides by the squares of neighbouring channels", () => {
  const x = literal([1, 4, 1, 1], [1, 2, 3, 4]);
  const of = (size: number) =>
    meaningOf(build("lrn", { input: x }, { size, alpha: 0.5, beta: 2, bias: 1.5 }));
  const value = (v: number, size: number, ...near: number[]) =>
    v / (1.5 + (0.5 / size) * near.reduce((s, n) => s + n * n, 0)) ** 2;
  const three = [value(1, 3, 1, 2), value(2, 3, 1, 2, 3), value(3, 3, 2, 3, 4), value(4, 3, 3, 4)];
  expectClose(of(3), three, 1e-12);
  // Half of an even window, rounded up, lies before the channel.
  const two = [value(1, 2, 1), value(2, 2, 1, 2), value(3, 2, 2, 3), value(4, 2, 3, 4)];
  expectClose(of(2), two, 1e-12);
});

const logits = literal([2, 3], [0, Math.log(2), Math.log(5), 1000, 1000, 1000]);

test("softmax gives shares along its axis and survives large logits", () => {
  const shares = [1 / 8, 2 / 8, 5 / 8, 1 / 3, 1 / 3, 1 / 3];
  expectClose(meaningOf(softmax(logits, 1)), shares, 1e-7);
  expectClose(meaningOf(softmax(logits, 1, true)), shares.map(Math.log), 1e-7);
});

test("softmax runs along any axis", () => {
  const x = literal([2, 2], [0, Math.log(3), Math.log(3), 0]);
  expectClose(meaningOf(softmax(x, 0)), [0.25, 0.75, 0.75, 0.25], 1e-7);
  const inner = literal([1, 2, 1, 2], [0, Math.log(3), Math.log(3), 0]);
  expectClose(meaningOf(softmax(inner, 1)), [0.25, 0.75, 0.75, 0.25], 1e-7);
});

test("norms refuse what does not fit", () => {
  const gamma = literal([2], [1, 1]);
  expect(refusalOf(() => norm(image(3, 4), { gamma }))).toBe(
    "operand-shape: batchNorm: the gamma must have the shape [3], but has [2]",
  );
  expect(refusalOf(() => norm(input([1, 3, 4])))).toMatch("rank 2 or 4, but is f32[1,3,4]");
  expect(refusalOf(() => norm(image(3, 4), { epsilon: -1 }))).toMatch("epsilon");
  expect(refusalOf(() => norm(image(3, 4), { epsilon: Number.NaN }))).toMatch("epsilon");
  expect(refusalOf(() => groupNorm(image(6, 4), 4))).toMatch(
    "4 groups do not divide the 6 channels",
  );
  expect(refusalOf(() => lrn(image(3, 4), 0))).toMatch("size must be a whole number of at least 1");
  expect(refusalOf(() => softmax(image(3, 4), 4))).toMatch("there is no axis 4");
  expect(refusalOf(() => softmax(image(3, 4), -1))).toMatch("there is no axis -1");
});
