import type { Pair } from "../../ir/ops/conv.js";
import { axesOf } from "./axes.js";
import { noPadding, padsOf, unit } from "./conv.js";
import { defineOperator, optional, required, rest } from "./definition.js";
import { axes, flag, maybe, padding, pair } from "./kinds.js";

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

const reductions = (
  [
    { name: "mean", fn: "mean", summary: "the mean over whole axes" },
    { name: "sum", fn: "sum", summary: "the sum over whole axes" },
    { name: "amax", fn: "max", summary: "the largest value over whole axes" },
    { name: "amin", fn: "min", summary: "the smallest value over whole axes" },
  ] as const
).map(({ name, fn, summary }) =>
  defineOperator({
    name,
    summary,
    takes: "any",
    parameters: { axes: rest(axes("one or more axes")), keepdims: optional(flag, false) },
    apply(stage, { axes: given, keepdims }) {
      const attrs = { fn, axes: axesOf(stage, given), keepDims: keepdims };
      return stage.build("reduce", { input: stage.input }, attrs);
    },
  }),
);

export const pooling = [maxpool, avgpool, ...globalPools, ...reductions];
