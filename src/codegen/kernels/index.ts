import type { OpName } from "../../ir/ops/index.js";
import type { Algorithm } from "./algorithm.js";
import { batchNormMap } from "./batch-norm.js";
import { castElements } from "./cast.js";
import { channelShuffleCopy } from "./channel-shuffle.js";
import { depthwiseConv } from "./depthwise-conv.js";
import { directConv } from "./direct-conv.js";
import { binaryMap, elementwiseChain, unaryMap } from "./elementwise.js";
import { groupNormPasses } from "./group-norm.js";
import { linearProduct } from "./linear.js";
import { lrnWindows } from "./lrn.js";
import { padCopy } from "./pad.js";
import { pixelShuffleCopy } from "./pixel-shuffle.js";
import { avgPoolWindows, maxPoolWindows } from "./pool.js";
import { reduceAxes } from "./reduce.js";
import { resampleRows } from "./resample.js";
import { resizeRows } from "./resize.js";
import { softmaxRows } from "./softmax.js";
import { transposedConv } from "./transposed-conv.js";
import { winogradFour, winogradTwo } from "./winograd-conv.js";

/** The algorithms of each operator, best first; views (reshape, slice, …) need none. */
type Algorithms = { readonly [K in OpName]?: readonly Algorithm<K>[] };

/**
 * The one table of kernels: a new algorithm is a file and a line here. Besides it, the plan calls
 * `relayout(from, to, target)` of `relayout.ts` (parameters `from`, `to`: every strided layout to every
 * other of the same shape, halo untouched, by a range where there is much to copy) and `haloFill(layout, target)` of `halo-fill.ts` (parameter
 * `at`, the address of element 0: zeros around every image).
 */
export const algorithms: Algorithms = {
  conv2d: [depthwiseConv, winogradFour, winogradTwo, directConv],
  deconv2d: [transposedConv],
  linear: [linearProduct],
  unary: [unaryMap],
  binary: [binaryMap],
  elementwise: [elementwiseChain],
  cast: [castElements],
  batchNorm: [batchNormMap],
  maxPool: [maxPoolWindows],
  avgPool: [avgPoolWindows],
  reduce: [reduceAxes],
  softmax: [softmaxRows],
  groupNorm: [groupNormPasses],
  lrn: [lrnWindows],
  resize: [resizeRows],
  resample: [resampleRows],
  pad: [padCopy],
  channelShuffle: [channelShuffleCopy],
  pixelShuffle: [pixelShuffleCopy],
};
