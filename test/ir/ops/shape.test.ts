import { expect, test } from "vitest";
import { build } from "../../../src/ir/build.js";
import {
  concat,
  dropout,
  image,
  input,
  literal,
  pad,
  reshape,
  slice,
  split,
  transpose,
} from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const grid = literal([2, 3], [1, 2, 3, 4, 5, 6]);

test("reshape keeps the order of elements", () => {
  const reshaped = reshape(grid, 3, 2);
  expect(reshaped.type.shape).toEqual([3, 2]);
  expect(meaningOf(reshaped)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(reshape(literal([1], [4])).type.shape).toEqual([]);
});

test("transpose: result axis i is input axis permutation[i]", () => {
  expect(meaningOf(transpose(grid, 1, 0))).toEqual([1, 4, 2, 5, 3, 6]);
  const cube = literal([1, 2, 3], [1, 2, 3, 4, 5, 6]);
  const moved = transpose(cube, 2, 0, 1);
  expect(moved.type.shape).toEqual([3, 1, 2]);
  expect(meaningOf(moved)).toEqual([1, 4, 2, 5, 3, 6]);
});

test("concat joins along its axis in order", () => {
  const column = literal([2, 1], [7, 8]);
  expect(meaningOf(concat([grid, column], 1))).toEqual([1, 2, 3, 7, 4, 5, 6, 8]);
  expect(meaningOf(concat([column, grid], 1))).toEqual([7, 1, 2, 3, 8, 4, 5, 6]);
  expect(meaningOf(concat([grid, grid], 0))).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
});

test("slice takes every step-th element, backwards too", () => {
  expect(meaningOf(slice(grid, 1, 0, 2, 2))).toEqual([1, 3, 4, 6]);
  expect(meaningOf(slice(grid, 1, 2, 3, -1))).toEqual([3, 2, 1, 6, 5, 4]);
  expect(meaningOf(slice(grid, 0, 1, 1))).toEqual([4, 5, 6]);
  const both = { starts: [1, 2], sizes: [2, 2], steps: [-1, -2] };
  expect(meaningOf(build("slice", { input: grid }, both))).toEqual([6, 4, 3, 1]);
});

test("split gives consecutive parts", () => {
  const [first, second] = split(grid, [1, 2], 1);
  expect(meaningOf(first!)).toEqual([1, 4]);
  expect(meaningOf(second!)).toEqual([2, 3, 5, 6]);
  expect(second!.type.shape).toEqual([2, 2]);
});

test("dropout is the identity", () => {
  expect(meaningOf(dropout(grid))).toEqual([1, 2, 3, 4, 5, 6]);
});

const row = literal([1, 1, 1, 3], [1, 2, 3]);

test("pad fills with a value, mirrors or repeats the border", () => {
  expect(meaningOf(pad(row, [0, 1, 0, 2], "constant", { value: 9 }))).toEqual([9, 1, 2, 3, 9, 9]);
  expect(meaningOf(pad(row, [0, 2, 0, 1], "reflect"))).toEqual([3, 2, 1, 2, 3, 2]);
  expect(meaningOf(pad(row, [0, 2, 0, 1], "edge"))).toEqual([1, 1, 1, 2, 3, 3]);
});

test("pad works on rows and channels alike", () => {
  const x = literal([1, 2, 2, 1], [1, 2, 3, 4]);
  const padded = pad(x, [1, 0, 0, 0], "constant", { front: 1, value: 7 });
  expect(padded.type.shape).toEqual([1, 3, 3, 1]);
  expect(meaningOf(padded)).toEqual([7, 7, 7, 7, 1, 2, 7, 3, 4]);
  expect(meaningOf(pad(x, 0, "edge", { back: 2 }))).toEqual([1, 2, 3, 4, 3, 4, 3, 4]);
  expect(meaningOf(pad(x, [0, 0, 1, 0], "reflect", { front: 1 }))).toEqual([
    3, 4, 3, 1, 2, 1, 3, 4, 3,
  ]);
});

test("shapes that do not fit are refused", () => {
  expect(refusalOf(() => reshape(grid, 4, 2))).toBe(
    "reshape-size: reshape: f32[2,3] has 6 elements, but [4,2] has 8",
  );
  expect(refusalOf(() => reshape(grid, -1, 6))).toMatch("shape must be whole numbers");
  expect(refusalOf(() => reshape(input([1]), 1, 1, 1, 1, 1, 1, 1))).toMatch("too-many-axes");
  expect(refusalOf(() => transpose(grid, 0))).toMatch("one number for each of the 2 axes");
  expect(refusalOf(() => transpose(grid, 1, 1))).toMatch("each axis once");
  expect(refusalOf(() => transpose(grid, 1, 2))).toMatch("there is no axis 2");
  expect(refusalOf(() => concat([grid, literal([3, 3], Array(9).fill(0))], 1))).toBe(
    "concat-shapes: concat: [2,3] and [3,3] may differ along axis 1 only",
  );
  expect(refusalOf(() => concat([grid, input([2])], 1))).toMatch("concat-shapes");
  expect(refusalOf(() => concat([grid], 2))).toMatch("axis-out-of-range");
  expect(refusalOf(() => concat([]))).toMatch("number of operands must be at least 1, but is 0");
  expect(refusalOf(() => slice(grid, 1, 1, 3))).toBe(
    "slice-out-of-range: slice: elements 1 to 3 of axis 1 are not all inside f32[2,3]",
  );
  expect(refusalOf(() => slice(grid, 1, 1, 3, -1))).toMatch("elements 1 to -1");
  expect(refusalOf(() => slice(grid, 1, 0, 1, 0))).toMatch(
    "step must be a whole number other than 0",
  );
  expect(refusalOf(() => slice(grid, 1, 0, 0))).toMatch("sizes");
  expect(refusalOf(() => split(grid, [1, 1], 1))).toBe(
    "split-sizes: split: the parts [1,1] do not add up to axis 1 of f32[2,3]",
  );
  expect(refusalOf(() => split(grid, [3, 0], 1))).toMatch("sizes");
  expect(refusalOf(() => dropout(grid, 1.5))).toMatch("rate");
});

test("pads that do not fit are refused", () => {
  expect(refusalOf(() => pad(row, [0, 3, 0, 0], "reflect"))).toBe(
    "pad-too-large: pad: reflecting 3 elements along axis 3 needs more than f32[1,1,1,3] has",
  );
  expect(refusalOf(() => pad(row, -1))).toMatch("before must be whole numbers of at least 0");
  expect(refusalOf(() => pad(image(1, 1), 1e9))).toMatch("more than 2147483648 elements");
  const few = { before: [1], after: [1], mode: "edge", value: 0 } as const;
  expect(refusalOf(() => build("pad", { input: row }, few))).toMatch("each of the 4 axes");
});
