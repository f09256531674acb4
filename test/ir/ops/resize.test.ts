import { expect, test } from "vitest";
import { expectClose } from "../../support/close.js";
import { image, input, literal, pixelShuffle, resize, shuffle } from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const row = (...data: number[]) => literal([1, 1, 1, data.length], data);

test("nearest takes the element at floor(y · in / out)", () => {
  expect(meaningOf(resize(row(1, 2, 3), [1, 6]))).toEqual([1, 1, 2, 2, 3, 3]);
  expect(meaningOf(resize(row(1, 2, 3), [1, 5]))).toEqual([1, 1, 2, 2, 3]);
  expect(meaningOf(resize(row(1, 2, 3, 4, 5), [1, 2]))).toEqual([1, 3]);
  expect(meaningOf(resize(row(1, 2), [2, 2]))).toEqual([1, 2, 1, 2]);
});

test("bilinear blends between centres and stops at the border", () => {
  expect(meaningOf(resize(row(0, 8), [1, 4], "bilinear"))).toEqual([0, 2, 6, 8]);
  expect(meaningOf(resize(row(0, 8, 4, 0), [1, 2], "bilinear"))).toEqual([4, 2]);
  expectClose(meaningOf(resize(row(0, 6), [1, 3], "bilinear")), [0, 3, 6], 1e-12);
});

test("bilinear blends rows and columns, plane by plane", () => {
  const x = literal([1, 2, 2, 2], [0, 4, 8, 12, 1, 1, 1, 1]);
  const blended = resize(x, [1, 1], "bilinear");
  expect(blended.type.shape).toEqual([1, 2, 1, 1]);
  expect(meaningOf(blended)).toEqual([6, 1]);
  const grown = meaningOf(resize(x, [4, 4], "bilinear"));
  expect(grown.slice(0, 8)).toEqual([0, 1, 3, 4, 2, 3, 5, 6]);
});

test("channelShuffle transposes groups and their channels", () => {
  const x = literal([1, 6, 1, 2], [0, 1, 10, 11, 20, 21, 30, 31, 40, 41, 50, 51]);
  expect(meaningOf(shuffle(x, 2))).toEqual([0, 1, 30, 31, 10, 11, 40, 41, 20, 21, 50, 51]);
  expect(meaningOf(shuffle(x, 3))).toEqual([0, 1, 20, 21, 40, 41, 10, 11, 30, 31, 50, 51]);
});

test("pixelShuffle spreads r² channels over an r × r square", () => {
  const x = literal(
    [1, 8, 1, 2],
    Array.from({ length: 16 }, (_, i) => i),
  );
  const y = pixelShuffle(x, 2);
  expect(y.type.shape).toEqual([1, 2, 2, 4]);
  expect(meaningOf(y)).toEqual([0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15]);
});

test("what does not fit is refused", () => {
  expect(refusalOf(() => resize(image(1, 2), 0))).toMatch(
    "size must be whole numbers of at least 1",
  );
  expect(refusalOf(() => resize(input([2, 2]), 4))).toMatch("wrong-rank");
  expect(refusalOf(() => shuffle(image(6, 2), 4))).toMatch("4 groups do not divide the 6 channels");
  expect(refusalOf(() => pixelShuffle(image(6, 2), 2))).toMatch(
    "factor must be a number whose square divides the 6 channels, but is 2",
  );
  expect(refusalOf(() => pixelShuffle(image(6, 2), 0))).toMatch("factor");
});
