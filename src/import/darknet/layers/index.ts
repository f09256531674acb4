import type { LayerReader } from "../layer.js";
import { convolutional } from "./convolutional.js";
import { deconvolutional } from "./deconvolutional.js";
import { rawHead, region, yolo } from "./head.js";
import { route, sam, scaleChannels, shortcut } from "./join.js";
import { avgpool, localAvgpool, maxpool } from "./pool.js";
import { crop, dropout, nothing, reorg, reorg3d, upsample } from "./shape.js";
import {
  activation,
  batchnorm,
  connected,
  implicit,
  l2norm,
  logistic,
  normalization,
  softmax,
} from "./vector.js";

/** A kind of layer. */
export interface LayerKind {
  readonly read: LayerReader;
  /** What its results are called when they are the network's. */
  readonly name: string;
  /** Options that change what it computes and cannot be compiled, with the reason. */
  readonly refused?: Readonly<Record<string, string>>;
}

const refusedByConvolution = {
  binary: "its weights are binary",
  xnor: "its weights and what arrives are binary",
  sway: "its kernels are deformed",
  rotate: "its kernels are deformed",
  stretch: "its kernels are deformed",
  stretch_sway: "its kernels are deformed",
  dontload: "its weights are not in the weights file",
  dontloadscales: "its scales are not in the weights file",
};

const kind = (name: string, read: LayerReader, refused?: LayerKind["refused"]): LayerKind => ({
  name,
  read,
  ...(refused ? { refused } : {}),
});

const conv = kind("conv", convolutional, refusedByConvolution);
const fc = kind("fc", connected, { dontload: "its weights are not in the weights file" });
const max = kind("maxpool", maxpool, { maxpool_zero_nonmax: "it clears what is not largest" });
const soft = kind("softmax", softmax, { tree: "its classes form a tree" });
const lrn = kind("lrn", normalization);
const localAverage = kind("avgpool", localAvgpool);
const average = kind("avgpool", avgpool);

/** The sections that make layers. */
export const layerKinds: ReadonlyMap<string, LayerKind> = new Map([
  ["[convolutional]", conv],
  ["[conv]", conv],
  ["[deconvolutional]", kind("deconv", deconvolutional)],
  ["[deconv]", kind("deconv", deconvolutional)],
  ["[connected]", fc],
  ["[conn]", fc],
  ["[maxpool]", max],
  ["[max]", max],
  ["[local_avgpool]", localAverage],
  ["[local_avg]", localAverage],
  ["[avgpool]", average],
  ["[avg]", average],
  ["[route]", kind("route", route)],
  ["[shortcut]", kind("shortcut", shortcut)],
  ["[scale_channels]", kind("scale", scaleChannels)],
  ["[sam]", kind("sam", sam)],
  ["[upsample]", kind("upsample", upsample)],
  [
    "[reorg]",
    kind("reorg", reorg, {
      flatten: "it reorders by [reorg] flatten",
      extra: "it adds numbers by [reorg] extra",
    }),
  ],
  ["[reorg3d]", kind("reorg", reorg3d)],
  ["[crop]", kind("crop", crop)],
  ["[dropout]", kind("dropout", dropout)],
  ["[cost]", kind("cost", nothing)],
  ["[empty]", kind("empty", nothing)],
  ["[silence]", kind("empty", nothing)],
  ["[softmax]", soft],
  ["[soft]", soft],
  ["[logistic]", kind("logistic", logistic)],
  ["[activation]", kind("act", activation)],
  ["[batchnorm]", kind("bn", batchnorm)],
  ["[normalization]", lrn],
  ["[lrn]", lrn],
  ["[l2norm]", kind("l2norm", l2norm)],
  ["[implicit]", kind("implicit", implicit)],
  ["[yolo]", kind("yolo", yolo)],
  ["[region]", kind("region", region)],
  ["[detection]", kind("detection", rawHead)],
  ["[Gaussian_yolo]", kind("yolo", rawHead)],
]);

const recurrent = "recurrent layers keep numbers from one run to the next";

/** Sections of Darknet that make no layer here, with the reason. */
export const refusedSections: ReadonlyMap<string, string> = new Map([
  ["[rnn]", recurrent],
  ["[gru]", recurrent],
  ["[lstm]", recurrent],
  ["[crnn]", recurrent],
  ["[conv_lstm]", recurrent],
  ["[history]", recurrent],
  ["[local]", "local layers have weights of their own at every pixel"],
  ["[contrastive]", "contrastive layers are for training only"],
  ["[iseg]", "instance segmentation has no boxes of a fixed number"],
]);
