import { expect, test } from "vitest";
import { expectClose } from "../../support/close.js";
import { floats, layer, only, read, type Stored, said, sequential } from "./read.js";

const model = sequential([null, 3], layer("Dense", "a", { units: 2, use_bias: false }));
const input = Float32Array.of(1, 10, 100);

/** What the layer makes of 1, 10, 100 with a kernel of six numbers `[3, 2]`. */
const product = (k: readonly number[]): number[] =>
  [0, 1].map((out) => k[out]! + 10 * k[2 + out]! + 100 * k[4 + out]!);

const kernel = (stored: Omit<Stored, "shape">) => ({ "a/kernel": { shape: [3, 2], ...stored } });

test.each([
  ["uint8", Uint8Array.of(0, 1, 2, 128, 254, 255), (q: number) => 0.5 * q - 3],
  ["uint16", Uint16Array.of(0, 1, 2, 40_000, 65_534, 65_535), (q: number) => 0.5 * q - 3],
  // 1, -2, 0.5, the largest, the smallest, 0
  ["float16", Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0), undefined],
] as const)("weights of %s are decoded", (dtype, data, decode) => {
  const quantization = dtype === "float16" ? { dtype } : { dtype, scale: 0.5, min: -3 };
  const numbers = decode ? [...data].map(decode) : [1, -2, 0.5, 65504, 2 ** -24, 0];
  const tensors = kernel({ data, quantization });
  expectClose(only(model, input, { tensors }).data, product(numbers));
});

test.each([[[]], [[7]], [[4, 4, 4]], [[1, 1, 30]]])(
  "a tensor may lie across files of %j bytes",
  (sizes) => {
    const tensors = {
      other: floats([3], [7, 8, 9]),
      "a/kernel": floats([3, 2], [1, 2, 3, 4, 5, 6]),
    };
    expectClose(only(model, input, { tensors, sizes }).data, product([1, 2, 3, 4, 5, 6]));
  },
);

test("a kernel of another shape is told when it is bound", () => {
  const tensors = { "a/kernel": floats([2, 3], [1, 2, 3, 4, 5, 6]) };
  expect(() => only(model, input, { tensors })).toThrow(
    "a.weight is [3,2], the network needs [2,3]",
  );
});

test("without files there are no tensors, and none are looked for when others are given", () => {
  expect([...read(model).tensors.keys()]).toEqual([]);
  const tensors = kernel({ data: new Float32Array(6) });
  expect([...read(model, { tensors }).tensors.keys()]).toEqual(["a.weight"]);
  expect([...read(model, { tensors, weights: "unwanted" }).tensors.keys()]).toEqual([]);
});

test("a scale that is missing is told with its place", () => {
  const tensors = kernel({ data: new Uint8Array(6), quantization: { dtype: "uint8" } });
  expect(said(model, { tensors })).toContain("weights[0].quantization.scale: it must be a number");
});
