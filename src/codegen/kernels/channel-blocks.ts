import type { KernelTarget } from "../target.js";

/** Output channels that are computed with one register tile: `count` blocks of `width` channels. */
export interface Region {
  /** The first output channel (of a group). */
  readonly first: number;
  readonly count: number;
  /** Channels that a block computes, a multiple of the target's lanes. */
  readonly width: number;
  /** Channels that a block stores: `width`, or fewer in a last block with zero weights behind. */
  readonly stored: number;
  /** Output pixels computed beside each other. */
  readonly pixels: number;
}

/** Channels 0 to `channels` in register tiles for a map of `pixels` outputs, the widest that fit first. */
export function regionsOf(channels: number, pixels: number, target: KernelTarget): Region[] {
  const { tiles, lanes } = target;
  const [widest, second] = tiles;
  const few = pixels < (second?.pixels ?? 1);
  const fits = widest !== undefined && widest.pixels > 1 && channels % widest.channels === 0;
  const usable = few || fits ? tiles : tiles.slice(1);
  const regions: Region[] = [];
  let first = 0;
  usable.forEach((tile, index) => {
    const narrower = usable[index + 1]?.channels ?? 0;
    const rest = channels - first;
    const count = Math.floor(rest / tile.channels);
    const whole = { width: tile.channels, stored: tile.channels, pixels: tile.pixels };
    if (count > 0) regions.push({ first, count, ...whole });
    first += count * tile.channels;
    const tail = channels - first;
    if (lanes > 1 && tail > narrower) {
      regions.push({ first, count: 1, ...whole, stored: tail });
      first = channels;
    }
  });
  return regions;
}

/** Blocks of all regions. */
export const blockCount = (regions: readonly Region[]): number =>
  regions.reduce((sum, { count }) => sum + count, 0);

/** How a weight tensor is read: the element of one tap, by output and input channel of a group. */
interface WeightView {
  readonly data: Float32Array;
  /** Element of group 0, output 0, input 0, tap (0, 0). */
  readonly offset: number;
  readonly group: number;
  readonly output: number;
  readonly input: number;
  readonly row: number;
  readonly column: number;
}

/** The sizes of a packed weight: outputs and inputs of one group, and taps. */
export interface WeightSizes {
  readonly groups: number;
  readonly outputs: number;
  readonly inputs: number;
  readonly rows: number;
  readonly columns: number;
}

/** Floats of one packed block: its biases, then `width` weights for each tap and input channel. */
export const blockFloats = (region: Region, { rows, columns, inputs }: WeightSizes): number =>
  region.width * (1 + rows * columns * inputs);

/** Floats of one group's blocks. */
export const groupFloats = (regions: readonly Region[], sizes: WeightSizes): number =>
  regions.reduce((sum, region) => sum + region.count * blockFloats(region, sizes), 0);

/** Writes one block: biases of its channels, then its weights as `[row][column][input][channel]`. */
function packBlock(
  to: Float32Array,
  at: number,
  view: WeightView,
  from: number,
  sizes: WeightSizes,
  stored: number,
  width: number,
): void {
  let next = at;
  for (let y = 0; y < sizes.rows; y++) {
    for (let x = 0; x < sizes.columns; x++) {
      const tap = from + y * view.row + x * view.column;
      for (let c = 0; c < sizes.inputs; c++) {
        for (let o = 0; o < stored; o++) {
          to[next + o] = view.data[tap + c * view.input + o * view.output]!;
        }
        next += width;
      }
    }
  }
}

/**
 * Weights and biases in the order in which the kernel reads them:
 * `[group][region][block]{ bias[width], weight[row][column][input][width] }`, zeros in unused lanes.
 */
export function packConv(
  view: WeightView,
  bias: Float32Array | undefined,
  sizes: WeightSizes,
  regions: readonly Region[],
): Float32Array {
  const packed = new Float32Array(sizes.groups * groupFloats(regions, sizes));
  let at = 0;
  for (let group = 0; group < sizes.groups; group++) {
    for (const region of regions) {
      for (let block = 0; block < region.count; block++) {
        const channel = region.first + block * region.width;
        const own = group * sizes.outputs + channel;
        if (bias) packed.set(bias.subarray(own, own + region.stored), at);
        const from = view.offset + group * view.group + channel * view.output;
        packBlock(packed, at + region.width, view, from, sizes, region.stored, region.width);
        at += blockFloats(region, sizes);
      }
    }
  }
  return packed;
}
