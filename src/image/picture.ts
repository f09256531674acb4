import type { Report } from "../diagnostics/report.js";
import { decodeJpeg, jpegSize } from "./jpeg.js";
import { decodePng, pngSize } from "./png.js";

/** A decoded picture: RGBA bytes, row by row from the top left. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Height and width as a file's header gives them. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The most pixels a picture may have. */
export const maxPixels = 67_108_864;

/** Picture formats; the first bytes tell which one a file is, not its name. */
const formats = [
  { magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], size: pngSize, decode: decodePng },
  { magic: [0xff, 0xd8, 0xff], size: jpegSize, decode: decodeJpeg },
];

/** Decodes a PNG or JPEG file. Reports what is wrong and returns undefined then. */
export async function decodePicture(
  file: string,
  bytes: Uint8Array,
  report: Report,
): Promise<Picture | undefined> {
  const format = formats.find(({ magic }) => magic.every((byte, at) => bytes[at] === byte));
  if (!format) {
    report.add("picture-format-unknown", { file });
    return undefined;
  }
  const size = format.size(bytes);
  if (!size || size.width === 0 || size.height === 0) {
    report.add("picture-damaged", { file, problem: "its header has no size" });
    return undefined;
  }
  if (size.width * size.height > maxPixels) {
    report.add("picture-too-large", { file, ...size, limit: maxPixels });
    return undefined;
  }
  try {
    return await format.decode(bytes, size);
  } catch (error) {
    // Decoders that run out of data fail in ways of their own, which say nothing of the picture.
    const isTold = error instanceof Error && error.name === "Error";
    const problem = isTold ? error.message : "its data are damaged or cut off";
    report.add("picture-damaged", { file, problem });
    return undefined;
  }
}
