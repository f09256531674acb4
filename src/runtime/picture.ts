import { describeValue, kindOf, lengthOf } from "./arrays.js";
import type { InputDescription, PictureSettings } from "./description.js";

/** RGBA bytes, row by row from the top left: a browser's `ImageData` is one. */
export interface PictureFields {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Writes a picture over a tensor's memory, from element `start`. */
export type PictureWriter = (picture: unknown, start: number) => void;

type Triple = readonly [number, number, number];

/** What a tensor's channel takes of red, green and blue. */
const luminance: readonly Triple[] = [[0.299, 0.587, 0.114]];
const channelsOf: Readonly<Record<PictureSettings["order"], readonly Triple[]>> = {
  rgb: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  bgr: [
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
};

/**
 * Where a row (or column) of target elements lies in the picture: elements `from` up to `to`, at
 * `(target − from + 0.5) · step + start` pixels; the others are padding.
 */
interface Axis {
  from: number;
  to: number;
  step: number;
  start: number;
}

/**
 * The conversion of pictures for one input `[n, c, h, w]` with 1 or 3 channels: resized by bilinear
 * sampling with half-pixel centres, transparency over black, then `byte · scale + offset` a channel.
 * `cover` crops the middle of the picture; `contain` keeps a border that looks like black pixels. A
 * uint8 input takes the resized bytes themselves, rounded.
 */
export function pictureWriter(
  input: InputDescription,
  settings: PictureSettings,
  view: Float32Array | Uint8Array,
): PictureWriter {
  const [, channels = 1, height = 1, width = 1] = input.shape;
  const mixes = channels === 1 ? luminance : channelsOf[settings.order];
  const affine = affineOf(settings, channels, input.dtype);
  const rows: Axis = { from: 0, to: 0, step: 0, start: 0 };
  const columns: Axis = { from: 0, to: 0, step: 0, start: 0 };
  const pixel = new Float64Array(3);
  return (given, start) => {
    const picture = checkPicture(given, input.name);
    placeAxes(settings.resize, picture, height, width, rows, columns);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        sample(picture, rows, columns, y, x, pixel);
        for (let channel = 0; channel < channels; channel++) {
          const mix = mixes[channel]!;
          const byte = mix[0] * pixel[0]! + mix[1] * pixel[1]! + mix[2] * pixel[2]!;
          view[start + (channel * height + y) * width + x] =
            byte * affine.scale[channel]! + affine.offset[channel]!;
        }
      }
    }
  };
}

/** `byte · scale + offset` per channel: the range, then mean and deviation; rounding for uint8. */
function affineOf(settings: PictureSettings, channels: number, dtype: string) {
  const scale = new Float64Array(channels);
  const offset = new Float64Array(channels);
  const [low, high] = settings.range;
  for (let channel = 0; channel < channels; channel++) {
    const mean = settings.mean[channel] ?? 0;
    const std = settings.std[channel] ?? 1;
    scale[channel] = dtype === "uint8" ? 1 : (high - low) / 255 / std;
    offset[channel] = dtype === "uint8" ? 0.5 : (low - mean) / std;
  }
  return { scale, offset };
}

/** A picture with its fields read once: later reads cannot find other values. */
function checkPicture(given: unknown, name: string): PictureFields {
  const { data, width, height }: { data?: unknown; width?: unknown; height?: unknown } =
    Object(given);
  const problem = (what: string) => new TypeError(`input ${JSON.stringify(name)}: ${what}`);
  if (!isPixels(data)) {
    throw problem(
      `a picture's data must be RGBA bytes (Uint8ClampedArray or Uint8Array), got ${describeValue(data)}`,
    );
  }
  if (!isExtent(width) || !isExtent(height)) {
    const got = `${printNumber(width)} x ${printNumber(height)}`;
    throw problem(`a picture's width and height must be whole numbers from 1, got ${got}`);
  }
  const length = lengthOf(data);
  if (length !== 4 * width * height) {
    const wanted = `${width} x ${height} RGBA pixels are ${4 * width * height} bytes`;
    throw problem(`${wanted}, got ${describeValue(data)}`);
  }
  return { data, width, height };
}

const isPixels = (data: unknown): data is PictureFields["data"] =>
  kindOf(data) === "Uint8ClampedArray" || kindOf(data) === "Uint8Array";

const isExtent = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1;

const printNumber = (value: unknown): string =>
  typeof value === "number" ? String(value) : describeValue(value);

function placeAxes(
  resize: PictureSettings["resize"],
  picture: PictureFields,
  height: number,
  width: number,
  rows: Axis,
  columns: Axis,
): void {
  const vertical = picture.height / height;
  const horizontal = picture.width / width;
  if (resize === "contain") {
    const step = Math.max(vertical, horizontal);
    containAxis(rows, picture.height, height, step);
    containAxis(columns, picture.width, width, step);
  } else {
    const smaller = Math.min(vertical, horizontal);
    const cover = resize === "cover";
    coverAxis(rows, picture.height, height, cover ? smaller : vertical);
    coverAxis(columns, picture.width, width, cover ? smaller : horizontal);
  }
}

/** The whole target from the middle of the picture. */
function coverAxis(axis: Axis, pixels: number, extent: number, step: number): void {
  axis.from = 0;
  axis.to = extent;
  axis.step = step;
  axis.start = (pixels - extent * step) / 2;
}

/** The whole picture into the middle of the target, on whole target elements. */
function containAxis(axis: Axis, pixels: number, extent: number, step: number): void {
  const covered = Math.min(extent, Math.max(1, Math.round(pixels / step)));
  axis.from = Math.floor((extent - covered) / 2);
  axis.to = axis.from + covered;
  axis.step = pixels / covered;
  axis.start = 0;
}

/** Red, green and blue (0..255) of the picture at one target element. */
function sample(
  picture: PictureFields,
  rows: Axis,
  columns: Axis,
  y: number,
  x: number,
  pixel: Float64Array,
): void {
  pixel.fill(0);
  if (y < rows.from || y >= rows.to || x < columns.from || x >= columns.to) return;
  const { data, width, height } = picture;
  const row = clamp((y - rows.from + 0.5) * rows.step + rows.start - 0.5, height - 1);
  const column = clamp((x - columns.from + 0.5) * columns.step + columns.start - 0.5, width - 1);
  const top = Math.floor(row);
  const left = Math.floor(column);
  for (let corner = 0; corner < 4; corner++) {
    const down = corner >> 1;
    const right = corner & 1;
    const share = (down ? row - top : 1 - row + top) * (right ? column - left : 1 - column + left);
    if (share === 0) continue;
    const at = 4 * ((top + down) * width + left + right);
    const weight = (share * data[at + 3]!) / 255;
    pixel[0]! += weight * data[at]!;
    pixel[1]! += weight * data[at + 1]!;
    pixel[2]! += weight * data[at + 2]!;
  }
}

const clamp = (position: number, last: number): number => Math.min(Math.max(position, 0), last);
