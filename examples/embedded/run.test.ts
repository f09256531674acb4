import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { compile, instantiate, print } from "../../src/index.js";
import { expectClose } from "../../test/support/close.js";
import { noise } from "../../test/support/noise.js";
import { sharpen, tiny } from "./models.js";

test("a template's model is compiled with the weights that it was written with", async () => {
  const [height, width] = [5, 7];
  const ready = await instantiate(await compile(sharpen(height, width)));
  const image = noise(height * width, 3).map((x) => Math.abs(x) % 1);
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : (image[y * width + x] ?? 0);
  const expected = image.map((value, index) => {
    const [y, x] = [Math.floor(index / width), index % width];
    const around = at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1);
    return Math.min(1, Math.max(0, 3 * value - 0.5 * around));
  });
  expectClose(ready.run({ image }).sharp!, expected, 1e-5);
});

test("a builder's model is printed as the file beside it", () => {
  const file = path.join(import.meta.dirname, "embedded.cnn");
  expect(print(tiny)).toBe(readFileSync(file, "utf8"));
});

test("a builder's model and its printed text are compiled to the same module", async () => {
  const init = { kind: "he", seed: 2 } as const;
  const built = await compile(tiny, { init });
  const read = await compile(print(tiny), { init });
  expect(built.name).toBe("Tiny");
  expect(built.files.get("Tiny.wasm")).toEqual(read.files.get("Tiny.wasm"));
  const { digit } = (await instantiate(built)).run({ image: noise(28 * 28, 5) });
  const sum = Array.from(digit ?? []).reduce((total, x) => total + x, 0);
  expect(sum).toBeCloseTo(1, 5);
});
