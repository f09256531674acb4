/** Writes one held-out digit of each class to samples/, as 28x28 PNGs. */
import { mkdirSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";
import { loadDigits, pixels, side } from "./training/data.js";

const { heldOut } = loadDigits();
const folder = new URL("samples/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (let digit = 0; digit < 10; digit++) {
  const at = heldOut.labels.indexOf(digit);
  const picture = new PNG({ width: side, height: side });
  heldOut.images.subarray(at * pixels, (at + 1) * pixels).forEach((value, i) => {
    picture.data.fill(Math.round(value * 255), 4 * i, 4 * i + 3);
    picture.data[4 * i + 3] = 255;
  });
  writeFileSync(new URL(`${digit}.png`, folder), PNG.sync.write(picture));
}
