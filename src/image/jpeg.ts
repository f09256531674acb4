import type { Picture, PictureSize } from "./picture.js";

/** Megabytes that decoding may take: the pixels at their limit, with the decoder's own copies. */
const memoryLimit = 1024;

/** Segments without a length, which are markers only. */
const isBare = (marker: number): boolean =>
  marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8) || marker === 0xff;

/** Frame headers hold the size; C4, C8 and CC are other segments of that range. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The size in the frame header. */
export function jpegSize(bytes: Uint8Array): PictureSize | undefined {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (isFrame(marker)) {
      const height = bytes[at + 5]! * 256 + bytes[at + 6]!;
      return { width: bytes[at + 7]! * 256 + bytes[at + 8]!, height };
    }
    if (marker === 0xff) at += 1;
    else at += isBare(marker) ? 2 : 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  return undefined;
}

/** Decodes a baseline or progressive JPEG to RGBA bytes. */
export async function decodeJpeg(bytes: Uint8Array, size: PictureSize): Promise<Picture> {
  const { default: jpeg } = await import("jpeg-js");
  const options = {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    maxResolutionInMP: Math.ceil((size.width * size.height) / 1e6) + 1,
    maxMemoryUsageInMB: memoryLimit,
  } as const;
  const { data, width, height } = jpeg.decode(bytes, options);
  if (width !== size.width || height !== size.height) {
    throw new Error("it holds frames of different sizes");
  }
  return { data, width, height };
}
