import { readFileSync } from "node:fs";
import path from "node:path";
import { PNG } from "pngjs";
import { describe, expect, test } from "vitest";
import { compileFile, instantiate } from "../../src/index.js";
import { loadDigits, pixels } from "./training/data.js";

const file = path.join(import.meta.dirname, "digits.cnn");

describe.each(["wasm", "ts"] as const)("digits, target %s", (target) => {
  test("at least 98.5 % of the 1,000 digits that training never saw are read right", async () => {
    const model = await instantiate(await compileFile(file, { target }));
    const { heldOut } = loadDigits();
    let right = 0;
    heldOut.labels.forEach((label, i) => {
      const image = heldOut.images.slice(i * pixels, (i + 1) * pixels);
      const scores = model.run({ image }).digit as Float32Array;
      if (scores.indexOf(Math.max(...scores)) === label) right++;
    });
    expect(heldOut.labels.length).toBe(1000);
    expect(right).toBeGreaterThanOrEqual(985);
  });

  test("every sample picture is read right", async () => {
    const model = await instantiate(await compileFile(file, { target }));
    for (let digit = 0; digit < 10; digit++) {
      const png = readFileSync(path.join(import.meta.dirname, "samples", `${digit}.png`));
      const best = model.classify?.(PNG.sync.read(png), { top: 1 })[0];
      expect(best?.label).toBe(String(digit));
    }
  });
});
