import { applyGrants } from "./apply-grants.js";
import { composeKernels } from "./compose-kernels.js";
import { flattenLinear } from "./flatten-linear.js";
import { foldBatchNorm } from "./fold-batch-norm.js";
import { foldBatchNormForward } from "./fold-batch-norm-forward.js";
import { foldConstants } from "./fold-constants.js";
import { foldScales } from "./fold-scales.js";
import { fuseEpilogue } from "./fuse-epilogue.js";
import { lowerBatchNorm } from "./lower-batch-norm.js";
import { mergeBranches } from "./merge-branches.js";
import { mergePad } from "./merge-pad.js";
import type { Pass } from "./pass.js";
import { removeDeadChannels } from "./remove-dead-channels.js";
import { removeIdentities } from "./remove-identities.js";
import { removeUnused } from "./remove-unused.js";
import { separateKernels } from "./separate-kernels.js";
import { shareEqualNodes } from "./share-equal-nodes.js";
import { simplifyViews } from "./simplify-views.js";
import { sinkReshapes } from "./sink-reshapes.js";
import { sinkTransposes } from "./sink-transposes.js";
import { splitGroups } from "./split-groups.js";
import { splitToSlices } from "./split-to-slices.js";
import { stackKernels } from "./stack-kernels.js";
import { swapPointwise } from "./swap-pointwise.js";
import { trimKernels } from "./trim-kernels.js";

/** 0: as written. 1: exact rewrites. 2: also those that grants allow. */
export type Level = 0 | 1 | 2;

/** Nothing but what nobody reads goes. */
const asWritten: readonly Pass[] = [removeUnused];

/** Exact rewrites, to float32 rounding. */
const exact: readonly Pass[] = [
  removeUnused, // first: nothing is done for what nobody reads
  splitToSlices, // before simplify-views: parts of parts become parts
  removeIdentities, // early: a dropout or an empty pad hides neighbours from every later pass
  foldConstants, // before the folds: they want weights that are constants
  foldBatchNorm, // before its forward form: the result needs no condition on borders
  foldBatchNormForward,
  mergeBranches, // before lower-batch-norm: a batch norm is a branch, and what follows a merged sum may be folded
  lowerBatchNorm, // after both folds: what is left over becomes a product and a sum
  foldScales, // after lower-batch-norm: its products and sums may still find a convolution
  flattenLinear, // after the folds into linear: it hides the product behind a reshape
  swapPointwise, // after flatten-linear: a product is a convolution that may trade places
  composeKernels, // after swap-pointwise: traded places may be faster than one kernel
  sinkReshapes, // after those that make reshapes: they would part a convolution from its activation
  sinkTransposes, // before simplify-views: those that turn each other back meet there
  simplifyViews, // after all that make slices and reshapes
  mergePad, // after all that may bring a pad next to its reader
  removeDeadChannels, // after all folds: channels are dead once scales and shifts are in the weights
  trimKernels, // after merge-pad: the padding that shrinks is the convolution's own
  splitGroups, // after trim-kernels: fewer weights to look at
  separateKernels, // after trim-kernels and split-groups: what they leave is what there is to take apart
  stackKernels, // after the cheaper exact rewrites of kernels: fewer and smaller ones to search
  shareEqualNodes, // after all that make constants and nodes
  fuseEpilogue, // last: the others want plain convolutions and single steps
];

/** Exact rewrites, and what grants allow: after all exact changes of structure, while convolutions are plain. */
const granted: readonly Pass[] = exact.toSpliced(exact.indexOf(shareEqualNodes), 0, applyGrants);

/** The passes of each level, in order. */
export const pipelines: { readonly [L in Level]: readonly Pass[] } = {
  0: asWritten,
  1: exact,
  2: granted,
};

/** Every pass of any level, once. */
export const allPasses: readonly Pass[] = [...new Set([...granted, ...asWritten])];
