import type { Pair } from "../../ir/ops/conv.js";
import { axesOf } from "./axes.js";
import { noPadding, padsOf, unit } from "./conv.js";
import { defineOperator, optional, required, rest } from "./definition.js";
import { flag, maybe, padding, pair, wholes } from "./kinds.js";

const window = {
  kernel: required(pair()),
  stride: optional<Pair | undefined>(maybe(pair()), undefined, "kernel"),
  pad: optional(padding, noPadding, "0"),
  dilation: optional(pair(), unit, "1"),
  ceil: optional(flag, false),
};

const maxpool = defineOperator({
  name: "maxpool",
  summary: "the largest value of each window",
  takes: "image",
  parameters: window,
  apply(stage, { kernel, stride = kernel, pad, dilation, ceil }) {
    const pads = padsOf({ kernel, stride, dilation, pad }, stage.shape);
    return stage.build("maxPool", { input: stage.input }, { kernel, stride, dilation, pads, ceil });
  },
});

const avgpool = defineOperator({
  name: "avgpool",
  summary: "the mean of each window",
  takes: "image",
  parameters: { ...window, count_include_pad: optional(flag, true) },
  apply(stage, { kernel, stride = kernel, pad, dilation, ceil, count_include_pad }) {
    const pads = padsOf({ kernel, stride, dilation, pad }, stage.shape);
    const attrs = { kernel, stride, dilation, pads, ceil, countIncludePad: count_include_pad };
    return stage.build("avgPool", { input: stage.input }, attrs);
  },
});

const globals = [
  { name: "gap", fn: "mean", summary: "global average pooling" },
  { name: "gmp", fn: "max", summary: "global max pooling" },
] as const;

const globalPools = globals.map(({ name, fn, summary }) =>
  defineOperator({
    name,
    summary,
    takes: "image",
    parameters: { keepdims: optional(flag, true) },
    apply: (stage, { keepdims }) =>
      stage.build("reduce", { input: stage.input }, { fn, axes: [2, 3], keepDims: keepdims }),
  }),
);

const mean = defineOperator({
  name: "mean",
  summary: "the mean over whole axes",
  takes: "any",
  parameters: {
    axes: rest(wholes("one or more axes", Number.MIN_SAFE_INTEGER)),
    keepdims: optional(flag, false),
  },
  apply(stage, { axes, keepdims }) {
    const attrs = { fn: "mean", axes: axesOf(stage, axes), keepDims: keepdims } as const;
    return stage.build("reduce", { input: stage.input }, attrs);
  },
});

export const pooling = [maxpool, avgpool, ...globalPools, mean];
