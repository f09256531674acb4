import type { NodeOf } from "../../ir/graph.js";
import type { Matrix } from "../../numerics/matrix.js";

/** What a convolution's kernel meets on the data that it is fitted to: patches of the padded input. */
export interface Moments {
  /** The number of patches that were looked at. */
  readonly count: number;
  /**
   * One for each group. A patch lies as a kernel's weights do: input channel of the group, row, column. Padding
   * counts as the zeros that it is.
   */
  readonly groups: readonly GroupMoments[];
}

export interface GroupMoments {
  /** μ: the mean of the patches. */
  readonly mean: Float64Array;
  /** C = E[(p − μ)(p − μ)ᵀ]: symmetric, row-major, as wide as a patch is long. */
  readonly covariance: Matrix;
}

/** The most numbers of a patch: the covariance grows with its square, the time with its cube. */
export const mostPatch = 1200;

/** Patches for each number of one: fewer and the covariance says more about the samples than the data. */
const patchesPerNumber = 4;

/** The fewest patches, where there are as many. */
const fewestPatches = 1024;

/**
 * The moments of what a convolution reads, from its input for each sample, batch included. Places are taken at
 * even distances. Undefined when a patch has more numbers than `mostPatch`.
 */
export function momentsOf(
  conv: NodeOf<"conv2d">,
  inputs: readonly Float32Array[],
): Moments | undefined {
  const { groups } = conv.attrs;
  const [, perGroup, kh, kw] = conv.operands.weight.type.shape as Shape4;
  const length = perGroup * kh * kw;
  const first = inputs[0];
  if (length > mostPatch || !first) return undefined;
  const [n, , oh, ow] = conv.results[0]!.type.shape as Shape4;
  const places = inputs.length * n * oh * ow;
  const step = Math.max(1, Math.floor(places / Math.max(fewestPatches, patchesPerNumber * length)));
  const sums = Array.from({ length: groups }, () => new MomentSum(length));
  const patch = new Float64Array(length);
  for (let place = 0; place < places; place += step) {
    const image = Math.floor(place / (oh * ow));
    const input = inputs[Math.floor(image / n)] ?? first;
    for (const [group, sum] of sums.entries()) {
      readPatch(conv, input, { image: image % n, group, place: place % (oh * ow) }, patch);
      sum.add(patch);
    }
  }
  return { count: Math.ceil(places / step), groups: sums.map((sum) => sum.moments()) };
}

type Shape4 = [number, number, number, number];

/** Which patch: of which image and group, for which place of the output. */
interface PatchAt {
  readonly image: number;
  readonly group: number;
  readonly place: number;
}

/** Copies what one output place of a group is computed from. */
function readPatch(
  { attrs, operands, results }: NodeOf<"conv2d">,
  input: Float32Array,
  { image, group, place }: PatchAt,
  patch: Float64Array,
): void {
  const [, channels, h, w] = operands.input.type.shape as Shape4;
  const [, perGroup, kh, kw] = operands.weight.type.shape as Shape4;
  const ow = results[0]!.type.shape[3]!;
  const top = Math.floor(place / ow) * attrs.stride[0] - attrs.pads[0];
  const left = (place % ow) * attrs.stride[1] - attrs.pads[1];
  for (let c = 0, at = 0; c < perGroup; c++) {
    const plane = (image * channels + group * perGroup + c) * h * w;
    for (let i = 0; i < kh; i++) {
      const y = top + i * attrs.dilation[0];
      for (let j = 0; j < kw; j++, at++) {
        const x = left + j * attrs.dilation[1];
        const isInside = y >= 0 && y < h && x >= 0 && x < w;
        patch[at] = isInside ? input[plane + y * w + x]! : 0;
      }
    }
  }
}

/** Sums of patches and of their products. */
class MomentSum {
  #count = 0;
  readonly #sum: Float64Array;
  readonly #products: Float64Array;

  constructor(private readonly length: number) {
    this.#sum = new Float64Array(length);
    this.#products = new Float64Array(length * length);
  }

  add(patch: Float64Array): void {
    const { length } = this;
    const [sum, products] = [this.#sum, this.#products];
    this.#count++;
    for (let i = 0; i < length; i++) {
      const value = patch[i]!;
      if (value === 0) continue;
      sum[i]! += value;
      for (let j = i, at = i * length + i; j < length; j++, at++)
        products[at]! += value * patch[j]!;
    }
  }

  /** Means, and the covariance with its lower half filled. */
  moments(): GroupMoments {
    const { length } = this;
    const mean = this.#sum.map((sum) => sum / this.#count);
    const data = this.#products;
    for (let i = 0; i < length; i++) {
      for (let j = i; j < length; j++) {
        const covariance = data[i * length + j]! / this.#count - mean[i]! * mean[j]!;
        data[i * length + j] = covariance;
        data[j * length + i] = covariance;
      }
    }
    return { mean, covariance: { rows: length, columns: length, data } };
  }
}
