import type { Value } from "../graph.js";
import { f32, sizeOf } from "../types.js";
import { checkAttribute, checkCounts, checkGroups, checkRank } from "./check.js";
import type { Dense, Operator } from "./operator.js";

export type ImageOperands = {
  /** `[n, c, h, w]`. */
  readonly input: Value;
};

export interface ResizeAttributes {
  readonly mode: "nearest" | "bilinear";
  /** Height and width of the result. */
  readonly size: readonly [number, number];
}

/** What one row or column of the result is made of: `(1 − weight) · first + weight · second`. */
interface Sample {
  readonly first: number;
  readonly second: number;
  readonly weight: number;
}

/** Where each of `out` rows lies among `size`: `(y + ½) · size / out − ½`, never before the first. */
function samplesOf(mode: ResizeAttributes["mode"], size: number, out: number): Sample[] {
  return Array.from({ length: out }, (_, y) => {
    if (mode === "nearest") {
      const first = Math.floor((y * size) / out);
      return { first, second: first, weight: 0 };
    }
    const place = Math.max(0, ((y + 0.5) * size) / out - 0.5);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, size - 1), weight: place - first };
  });
}

/** A new image: each element from its plane's values and its row and column. */
function mapPixels(
  { data: values }: Dense,
  plane: number,
  shape: readonly number[],
  pixel: (at: (index: number) => number, y: number, x: number) => number,
): Dense {
  const [n, c, h, w] = shape as [number, number, number, number];
  const data = new Float64Array(sizeOf(shape));
  for (let image = 0; image < n * c; image++) {
    const at = (index: number) => values[image * plane + index]!;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) data[(image * h + y) * w + x] = pixel(at, y, x);
    }
  }
  return { shape, data };
}

/** Half-pixel centres (`align_corners=false`); nearest takes `floor(y · in / out)`, as PyTorch. */
export const resize: Operator<ImageOperands, ResizeAttributes> = {
  infer: ({ input }, { size }) => {
    checkRank("resize", "input", input, [4]);
    checkCounts("resize", "size", size, 1);
    return [f32(input.shape[0]!, input.shape[1]!, ...size)];
  },
  macs: () => 0,
  evaluate: ({ input }, { mode, size }, results) => {
    const [, , h, w] = input.shape as [number, number, number, number];
    const rows = samplesOf(mode, h, size[0]);
    const columns = samplesOf(mode, w, size[1]);
    const resized = mapPixels(input, h * w, results[0]!.shape, (at, y, x) => {
      const [row, column] = [rows[y]!, columns[x]!];
      const across = (i: number) =>
        (1 - column.weight) * at(i * w + column.first) + column.weight * at(i * w + column.second);
      return (1 - row.weight) * across(row.first) + row.weight * across(row.second);
    });
    return [resized];
  },
};

/** ShuffleNet's shuffle: channels as `[groups, c / groups]`, transposed. */
export const channelShuffle: Operator<ImageOperands, { readonly groups: number }> = {
  infer: ({ input }, { groups }) => {
    checkRank("channelShuffle", "input", input, [4]);
    checkGroups("channelShuffle", groups, "channels", input.shape[1]!);
    return [input];
  },
  macs: () => 0,
  evaluate: ({ input }, { groups }) => {
    const [n, c, h, w] = input.shape as [number, number, number, number];
    const plane = h * w;
    const data = new Float64Array(input.data.length);
    for (let image = 0; image < n; image++) {
      for (let channel = 0; channel < c; channel++) {
        const from = (channel % groups) * (c / groups) + Math.floor(channel / groups);
        const start = (image * c + from) * plane;
        data.set(input.data.subarray(start, start + plane), (image * c + channel) * plane);
      }
    }
    return [{ shape: input.shape, data }];
  },
};

/** PyTorch's pixel shuffle: `[n, c·r², h, w]` to `[n, c, h·r, w·r]`. */
export const pixelShuffle: Operator<ImageOperands, { readonly factor: number }> = {
  infer: ({ input }, { factor }) => {
    checkRank("pixelShuffle", "input", input, [4]);
    checkCounts("pixelShuffle", "factor", [factor], 1, 2 ** 15);
    const [n, c, h, w] = input.shape as [number, number, number, number];
    const parts = c / factor ** 2;
    const wanted = `a number whose square divides the ${c} channels`;
    checkAttribute("pixelShuffle", "factor", factor, Number.isInteger(parts), wanted);
    return [f32(n, parts, h * factor, w * factor)];
  },
  macs: () => 0,
  evaluate: ({ input }, { factor }, results) => {
    const [, , h, w] = input.shape as [number, number, number, number];
    const shuffled = mapPixels(input, factor ** 2 * h * w, results[0]!.shape, (at, y, x) => {
      const part = (y % factor) * factor + (x % factor);
      return at((part * h + Math.floor(y / factor)) * w + Math.floor(x / factor));
    });
    return [shuffled];
  },
};
