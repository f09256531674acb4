import { deflateSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { expect, test } from "vitest";
import { Report } from "../../src/diagnostics/report.js";
import { decodePicture } from "../../src/image/picture.js";

const pixels = Uint8Array.from({ length: 5 * 3 * 4 }, (_, i) =>
  i % 4 === 3 ? 255 : (i * 37) % 256,
);

function png(): Buffer {
  const image = new PNG({ width: 5, height: 3 });
  image.data = Buffer.from(pixels);
  return PNG.sync.write(image);
}

const photo = (): Buffer =>
  jpeg.encode({ data: Buffer.alloc(16 * 8 * 4, 120), width: 16, height: 8 }, 95).data;

async function decode(bytes: Uint8Array) {
  const report = new Report();
  const picture = await decodePicture("a.png", bytes, report);
  return { picture, names: report.diagnostics.map(({ name }) => name), report };
}

test("a PNG gives its RGBA bytes", async () => {
  const { picture } = await decode(png());
  expect(picture?.width).toBe(5);
  expect(picture?.height).toBe(3);
  expect([...picture!.data]).toEqual([...pixels]);
});

test("a JPEG gives its size and nearly its colours", async () => {
  const { picture } = await decode(photo());
  expect([picture?.width, picture?.height]).toEqual([16, 8]);
  expect(picture?.data.length).toBe(16 * 8 * 4);
  expect(Math.abs(picture!.data[0]! - 120)).toBeLessThan(4);
});

test("other files are no pictures, whatever they are called", async () => {
  expect((await decode(Buffer.from("GIF89a nothing else"))).names).toEqual([
    "picture-format-unknown",
  ]);
  expect((await decode(new Uint8Array(0))).names).toEqual(["picture-format-unknown"]);
});

test("pictures that are cut anywhere are damaged, and nothing crashes", async () => {
  for (const whole of [png(), photo()]) {
    for (let length = 8; length < whole.length - 12; length += 7) {
      expect((await decode(whole.subarray(0, length))).names).toEqual(["picture-damaged"]);
    }
  }
});

test("a size beyond the limit is refused before anything is decoded", async () => {
  const huge = png();
  huge.writeUInt32BE(100_000, 16);
  huge.writeUInt32BE(100_000, 20);
  const { names, report } = await decode(huge);
  expect(names).toEqual(["picture-too-large"]);
  expect(report.diagnostics[0]?.message).toContain("100000 x 100000 pixels");
  const wide = photo();
  const frame = wide.indexOf(Buffer.of(0xff, 0xc0));
  wide.writeUInt16BE(0xffff, frame + 5);
  wide.writeUInt16BE(0xffff, frame + 7);
  expect((await decode(wide)).names).toEqual(["picture-too-large"]);
});

test("data that unfold to far more than the pixels are refused", async () => {
  const whole = png();
  const bomb = deflateSync(Buffer.alloc(4_000_000));
  const at = whole.indexOf("IDAT") - 4;
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from("IDAT"), bomb, Buffer.alloc(4)]);
  chunk.writeUInt32BE(bomb.length, 0);
  const { names, report } = await decode(Buffer.concat([whole.subarray(0, at), chunk]));
  expect(names).toEqual(["picture-damaged"]);
  expect(report.diagnostics[0]?.message).toContain("more than its pixels");
});
