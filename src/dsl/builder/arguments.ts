import type { Padding, Size } from "./shapes.js";

/** An axis without the batch, or the batch. */
export type AxisArgument = number | "batch";
type Scale = number | readonly [height: number, width: number];
type Sizes = readonly number[];

/** What each operator takes, in the order of the language; those with `?` have a default and go by name. */
export interface Arguments {
  conv: {
    out: number;
    kernel: Size;
    stride?: Size;
    pad?: Padding;
    dilation?: Size;
    groups?: number;
    bias?: boolean;
  };
  dwconv: {
    kernel: Size;
    stride?: Size;
    pad?: Padding;
    dilation?: Size;
    multiplier?: number;
    bias?: boolean;
  };
  pwconv: { out: number; stride?: Size; groups?: number; bias?: boolean };
  sepconv: { out: number; kernel: Size; stride?: Size; pad?: Padding; bias?: boolean };
  stacked: { out: number; kernel: Size; stride?: Size; between?: string; bias?: boolean };
  deconv: {
    out: number;
    kernel: Size;
    stride?: Size;
    pad?: Padding;
    output_pad?: Size;
    dilation?: Size;
    groups?: number;
    bias?: boolean;
  };
  linear: { out: number; bias?: boolean };
  bn: { eps?: number };
  instancenorm: { eps?: number };
  groupnorm: { groups: number; eps?: number };
  lrn: { size: number; alpha?: number; beta?: number; k?: number };
  relu: object;
  relu6: object;
  selu: object;
  sigmoid: object;
  tanh: object;
  silu: object;
  hardswish: object;
  gelu: object;
  mish: object;
  softplus: object;
  hardsigmoid: { slope?: number; offset?: number };
  leaky_relu: { slope?: number };
  elu: { alpha?: number };
  prelu: { shared?: boolean };
  clip: { min: number; max: number };
  map: {
    function:
      | "abs"
      | "sqrt"
      | "exp"
      | "log"
      | "erf"
      | "reciprocal"
      | "floor"
      | "ceil"
      | "round"
      | "sign";
  };
  threshold: { least: number };
  softmax: { axis?: AxisArgument };
  log_softmax: { axis?: AxisArgument };
  maxpool: { kernel: Size; stride?: Size; pad?: Padding; dilation?: Size; ceil?: boolean };
  avgpool: {
    kernel: Size;
    stride?: Size;
    pad?: Padding;
    dilation?: Size;
    ceil?: boolean;
    count_include_pad?: boolean;
  };
  gap: { keepdims?: boolean };
  gmp: { keepdims?: boolean };
  mean: { axes: Sizes; keepdims?: boolean };
  sum: { axes: Sizes; keepdims?: boolean };
  amax: { axes: Sizes; keepdims?: boolean };
  amin: { axes: Sizes; keepdims?: boolean };
  flatten: object;
  parameter: { shape?: Sizes; batch?: number | "none" };
  dropout: { rate: number };
  upsample: { scale?: Scale; size?: Size; mode?: "nearest" | "bilinear" };
  slice: { axis: AxisArgument; from: number; to: number; step?: number };
  flip: { axes: Sizes };
  split: { parts: number | Sizes; axis?: AxisArgument };
  pad: {
    top: number;
    left: number;
    bottom: number;
    right: number;
    front?: number;
    back?: number;
    mode?: "zero" | "constant" | "reflect" | "edge";
    value?: number | "highest" | "lowest";
  };
  pad_axis: {
    axis: AxisArgument;
    before: number;
    after: number;
    mode?: "zero" | "constant" | "reflect" | "edge";
    value?: number | "highest" | "lowest";
  };
  reshape: { shape?: Sizes; batch?: number | "none" };
  transpose: { axes: Sizes };
  shuffle: { groups: number };
  pixel_shuffle: { r: number };
  resample: {
    size: Size;
    mode?: string;
    coordinates?: string;
    scale?: Scale;
    rounding?: string;
    a?: number;
    exclude_outside?: boolean;
    top?: number;
    left?: number;
    bottom?: number;
    right?: number;
    outside?: number;
  };
}

/** The arguments of an operator that go by name. */
export type Named<K extends keyof Arguments> = {
  readonly [N in keyof Arguments[K] as object extends Pick<Arguments[K], N>
    ? N
    : never]: Arguments[K][N];
};
