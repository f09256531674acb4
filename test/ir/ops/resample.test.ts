import { expect, test } from "vitest";
import type { AttributesOf } from "../../../src/ir/ops/index.js";
import { expectClose } from "../../support/close.js";
import { image, input, literal, resample, resize } from "../../support/graphs.js";
import { meaningOf, refusalOf } from "../../support/meaning.js";

const row = (...data: number[]) => literal([1, 1, 1, data.length], data);

type Attributes = Partial<AttributesOf<"resample">>;

const resampled = (data: readonly number[], width: number, attrs: Attributes): number[] =>
  meaningOf(resample(row(...data), [1, width], attrs));

test("nearest rounds halves as it is told", () => {
  const at = (rounding: AttributesOf<"resample">["rounding"]) =>
    resampled([1, 2, 3, 4], 2, { rounding });
  expect(at("round_prefer_floor")).toEqual([1, 3]);
  expect(at("round_prefer_ceil")).toEqual([2, 4]);
  expect(at("floor")).toEqual([1, 3]);
  expect(at("ceil")).toEqual([2, 4]);
});

test("places follow the coordinates", () => {
  const linear = (coordinates: AttributesOf<"resample">["coordinates"], width = 4) =>
    resampled([0, 12], width, { mode: "linear", coordinates });
  expectClose(linear("align_corners"), [0, 4, 8, 12], 1e-12);
  expectClose(linear("asymmetric"), [0, 6, 12, 12], 1e-12);
  expectClose(linear("half_pixel"), [0, 3, 9, 12], 1e-12);
  expectClose(linear("tf_half_pixel_for_nn"), [3, 9, 12, 12], 1e-12);
  expectClose(linear("pytorch_half_pixel", 1), [0], 1e-12);
  expectClose(linear("half_pixel", 1), [6], 1e-12);
  expectClose(linear("align_corners", 1), [0], 1e-12);
});

test("half_pixel_symmetric keeps the centre where the scale is not that of the sizes", () => {
  const attrs: Attributes = {
    mode: "linear",
    coordinates: "half_pixel_symmetric",
    scale: [1, 0.6],
  };
  expectClose(resampled([1, 2, 3, 4], 2, attrs), [1.6666666666666665, 3.333333333333333], 1e-12);
});

test("a crop shows the number told outside of the input", () => {
  const attrs: Attributes = {
    mode: "linear",
    coordinates: "tf_crop_and_resize",
    region: [0, -1, 1, 1],
    outside: 7,
  };
  expect(resampled([0, 6, 12], 5, attrs)).toEqual([7, 7, 0, 6, 12]);
  expect(resampled([0, 6, 12], 1, { ...attrs, region: [0, 0, 1, 0.5] })).toEqual([3]);
});

test("cubic weights are those of Keys, the border repeated or left out", () => {
  const at = (excludeOutside: boolean) =>
    resampled([0, 8, 16, 0], 8, { mode: "cubic", coefficient: -0.5, excludeOutside });
  // At 0.25 the four weights are -9/128, 111/128, 29/128 and -3/128.
  expectClose([at(false)[1]!], [(29 * 8 - 3 * 16) / 128], 1e-12);
  expectClose([at(true)[1]!], [(29 * 8 - 3 * 16) / (128 + 9)], 1e-12);
});

test("rows and columns are resampled each by its own scale", () => {
  const x = image(2, 3, 4);
  const attrs: Attributes = { coordinates: "asymmetric", rounding: "floor" };
  expect(resample(x, [12, 5], attrs).type).toEqual(resize(x, [12, 5]).type);
  const grown = resample(literal([1, 1, 2, 2], [1, 2, 3, 4]), [4, 2], attrs);
  expect(meaningOf(grown)).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
});

test("scales that are no numbers greater than 0 are refused", () => {
  expect(refusalOf(() => resample(image(2, 3, 4), 4, { scale: [0, 1] }))).toContain(
    "greater than 0",
  );
  expect(refusalOf(() => resample(input([2, 3]), 4))).toContain("rank 4");
});
