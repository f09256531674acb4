import { labelStages, residualOf, table } from "./combinator.js";
import type { Combinators, SameStage, ShapedStage } from "./signatures.js";
import type { AnyStage, StageOf } from "./value.js";

export type { Data } from "../data-syntax.js";
export type { Arguments, AxisArgument, Named } from "./arguments.js";
export {
  f32,
  type ImageSettings,
  type InputType,
  type InputTypes,
  type InputValues,
  type ModelOptions,
  model,
  type OptimizeLine,
  u8,
} from "./model.js";
export type { Image, Padding, Shape, Size, Vector } from "./shapes.js";
export type { Combinators, FlattenStage, LinearStage, SameStage } from "./signatures.js";
export { type AnyStage, type StageOf, Value } from "./value.js";

/** Whether the language's table has what the signatures promise: a function for each name. */
function isComplete(made: object): made is Combinators {
  return Object.values(made).every((entry) => typeof entry === "function");
}

function combinators(): Combinators {
  const made: object = table;
  if (isComplete(made)) return made;
  throw new TypeError("an operator of the language has no combinator");
}

/** The operators and merges of the language. */
export const {
  conv,
  dwconv,
  pwconv,
  sepconv,
  stacked,
  deconv,
  linear,
  bn,
  instancenorm,
  groupnorm,
  lrn,
  relu,
  relu6,
  selu,
  sigmoid,
  tanh,
  silu,
  hardswish,
  gelu,
  mish,
  softplus,
  hardsigmoid,
  leaky_relu,
  elu,
  prelu,
  clip,
  map,
  threshold,
  softmax,
  log_softmax,
  maxpool,
  avgpool,
  gap,
  gmp,
  mean,
  sum,
  amax,
  amin,
  flatten,
  parameter,
  dropout,
  upsample,
  slice,
  flip,
  split,
  pad,
  pad_axis,
  reshape,
  transpose,
  shuffle,
  pixel_shuffle,
  resample,
  add,
  sub,
  mul,
  div,
  max,
  min,
  pow,
  equal,
  less,
  less_equal,
  mask,
  leak,
  concat,
} = combinators();

/** Gives stages a label, which begins the paths of the parameters in them: `label("layer1", a, b)`. */
export function label<F extends AnyStage>(name: string, stage: F): F;
export function label<A, B, C>(name: string, a: StageOf<A, B>, b: StageOf<B, C>): StageOf<A, C>;
export function label<A, B, C, D>(
  name: string,
  a: StageOf<A, B>,
  b: StageOf<B, C>,
  c: StageOf<C, D>,
): StageOf<A, D>;
export function label<A, B, C, D, E>(
  name: string,
  a: StageOf<A, B>,
  b: StageOf<B, C>,
  c: StageOf<C, D>,
  d: StageOf<D, E>,
): StageOf<A, E>;
export function label(name: string, ...stages: readonly AnyStage[]): unknown {
  return labelStages(name, stages);
}

/** `residual { … }`: what arrives, and what the stages make of it, added; both have one shape. */
export function residual(...body: readonly AnyStage[]): SameStage;
export function residual(...body: readonly AnyStage[]): unknown {
  return residualOf(body);
}

/** `residual(shortcut) { … }`: what a stage makes of what arrives, and what the others make, added. */
export function residualOver(
  shortcut: AnyStage,
  ...body: readonly AnyStage[]
): ShapedStage<readonly [number, number, number]>;
export function residualOver(shortcut: AnyStage, ...body: readonly AnyStage[]): unknown {
  return residualOf(body, [shortcut]);
}
