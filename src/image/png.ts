import { inflateSync } from "node:zlib";
import type { Picture, PictureSize } from "./picture.js";

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The size in the first chunk, which every PNG begins with. */
export function pngSize(bytes: Uint8Array): PictureSize | undefined {
  if (bytes.length < 33 || chunkType(bytes, 8) !== "IHDR") return undefined;
  const view = viewOf(bytes);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

const chunkType = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at + 4, at + 8));

/** Decodes a PNG of any colour type to RGBA bytes. */
export async function decodePng(bytes: Uint8Array, size: PictureSize): Promise<Picture> {
  checkDataSize(bytes, size);
  const { PNG } = await import("pngjs");
  const { data, width, height } = PNG.sync.read(Buffer.from(bytes));
  return { data, width, height };
}

/** Throws when the compressed data unfold to more than the picture can need: 8 bytes a pixel and filter bytes. */
function checkDataSize(bytes: Uint8Array, { width, height }: PictureSize): void {
  const parts: Uint8Array[] = [];
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (chunkType(bytes, at) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const limit = 8 * (width + 8) * (height + 8) + 7 * (height + 8);
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: limit });
  } catch (cause) {
    throw new Error("its data cannot be unpacked, or are more than its pixels", { cause });
  }
}
