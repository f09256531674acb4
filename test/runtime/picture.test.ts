import { expect, test } from "vitest";
import type { InputDescription, PictureSettings } from "../../src/runtime/description.js";
import { pictureWriter } from "../../src/runtime/picture.js";

const plain: PictureSettings = {
  mean: [0, 0, 0],
  std: [1, 1, 1],
  range: [0, 255],
  order: "rgb",
  resize: "stretch",
};

interface Rgba {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture from rows of grey bytes, opaque. */
const grey = (...rows: readonly number[][]): Rgba => ({
  data: Uint8Array.from(rows.flat().flatMap((byte) => [byte, byte, byte, 255])),
  width: rows[0]!.length,
  height: rows.length,
});

const pixel = (...rgba: number[]): Rgba => ({ data: Uint8Array.from(rgba), width: 1, height: 1 });

function convert(
  picture: unknown,
  shape: readonly number[],
  settings: Partial<PictureSettings> = {},
  dtype: "float32" | "uint8" = "float32",
): number[] {
  const input: InputDescription = { name: "image", shape, dtype, layout: "nchw", address: 0 };
  const size = shape.reduce((product, n) => product * n, 1);
  const view = dtype === "uint8" ? new Uint8Array(size) : new Float32Array(size);
  pictureWriter(input, { ...plain, ...settings }, view)(picture, 0);
  return [...view];
}

test("a picture of the input's size is taken pixel for pixel, channel after channel", () => {
  const data = Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255);
  const picture = { data, width: 2, height: 1 };
  expect(convert(picture, [1, 3, 1, 2])).toEqual([1, 4, 2, 5, 3, 6]);
  expect(convert(picture, [1, 3, 1, 2], { order: "bgr" })).toEqual([3, 6, 2, 5, 1, 4]);
});

test("one channel is the luminance, whatever the order", () => {
  const [value] = convert(pixel(10, 20, 30, 255), [1, 1, 1, 1], { order: "bgr" });
  expect(value).toBeCloseTo(0.299 * 10 + 0.587 * 20 + 0.114 * 30, 5);
});

test("transparency is over black", () => {
  expect(convert(pixel(200, 100, 50, 51), [1, 3, 1, 1])).toEqual([40, 20, 10]);
});

test("the range comes first, then mean and deviation of the tensor's channel", () => {
  const settings = { range: [-1, 1], mean: [0.5, 0, -0.25], std: [2, 0.5, 4] } as const;
  const [red, green, blue] = convert(pixel(255, 0, 51, 255), [1, 3, 1, 1], settings);
  expect(red).toBeCloseTo((1 - 0.5) / 2, 6);
  expect(green).toBeCloseTo((-1 - 0) / 0.5, 6);
  expect(blue).toBeCloseTo((-0.6 + 0.25) / 4, 6);
});

test("enlarging interpolates between pixel centres and repeats the border", () => {
  expect(convert(grey([0, 100]), [1, 1, 1, 4])).toEqual([0, 25, 75, 100]);
  expect(convert(grey([0], [100]), [1, 1, 4, 1])).toEqual([0, 25, 75, 100]);
});

test("shrinking samples two neighbours without antialiasing", () => {
  expect(convert(grey([0, 10, 20, 40, 80, 160]), [1, 1, 1, 2])).toEqual([10, 80]);
  expect(convert(grey([0, 10, 20, 40]), [1, 1, 1, 2])).toEqual([5, 30]);
});

test("cover takes the middle of the picture", () => {
  expect(convert(grey([1, 2, 3, 4, 5, 6]), [1, 1, 1, 2], { resize: "cover" })).toEqual([3, 4]);
  const tall = grey([9], [1], [2], [9]);
  expect(convert(tall, [1, 1, 2, 1], { resize: "cover" })).toEqual([1, 2]);
});

test("contain pads with what byte 0 becomes", () => {
  const settings = { resize: "contain", range: [0, 1], mean: [0.5], std: [0.5] } as const;
  const wide = grey([255, 255, 255, 255], [255, 255, 255, 255]);
  expect(convert(wide, [1, 1, 4, 4], settings)).toEqual([
    ...[-1, -1, -1, -1],
    ...[1, 1, 1, 1],
    ...[1, 1, 1, 1],
    ...[-1, -1, -1, -1],
  ]);
});

test("contain keeps the whole picture where the border does not divide evenly", () => {
  const tall = grey([10], [20], [30], [40]);
  expect(convert(tall, [1, 1, 2, 4], { resize: "contain", range: [0, 255] })).toEqual([
    ...[0, 15, 0, 0],
    ...[0, 35, 0, 0],
  ]);
});

test("a uint8 input takes rounded bytes without range, mean and deviation", () => {
  const settings = { range: [0, 1], mean: [0.5], std: [0.25] } as const;
  expect(convert(grey([0, 101, 255]), [1, 1, 1, 3], settings, "uint8")).toEqual([0, 101, 255]);
  expect(convert(grey([0, 101]), [1, 1, 1, 4], settings, "uint8")).toEqual([0, 25, 76, 101]);
});

test.each<[string, unknown, string]>([
  ["floats", { data: new Float32Array(4), width: 1, height: 1 }, "got Float32Array of 4"],
  [
    "a width that is not a number",
    { data: new Uint8Array(4), width: Number.NaN, height: 1 },
    "NaN x 1",
  ],
  ["no height", { data: new Uint8Array(4), width: 1 }, "1 x undefined"],
  [
    "a size that is huge",
    { data: new Uint8Array(4), width: 1e9, height: 1e9 },
    "4000000000000000000 bytes",
  ],
  ["a part of a pixel", { data: new Uint8Array(4), width: 0.5, height: 2 }, "0.5 x 2"],
  [
    "too few bytes",
    { data: new Uint8Array(15), width: 2, height: 2 },
    "are 16 bytes, got Uint8Array of 15",
  ],
])("a picture with %s is refused", (_, picture, message) => {
  expect(() => convert(picture, [1, 1, 2, 2])).toThrow(message);
  expect(() => convert(picture, [1, 1, 2, 2])).toThrow(TypeError);
});

test("a picture's fields are read once", () => {
  let reads = 0;
  const picture = {
    get data() {
      reads++;
      return new Uint8Array(16);
    },
    width: 2,
    height: 2,
  };
  convert(picture, [1, 3, 2, 2]);
  expect(reads).toBe(1);
});
