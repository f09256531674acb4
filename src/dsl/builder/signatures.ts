import type { Arguments, AxisArgument, Named } from "./arguments.js";
import type { Multiply, Product } from "./arithmetic.js";
import type {
  Fitting,
  Image,
  Joint,
  PooledShape,
  PoolShape,
  ScaledShape,
  Shape,
  Size,
  Vector,
  WindowShape,
} from "./shapes.js";
import type { Value } from "./value.js";

interface Labelled {
  /** The same stage with a label: the path of its parameters. */
  as(label: string): this;
}

/** A stage that keeps the shape. */
export interface SameStage<Takes extends Shape = Shape> extends Labelled {
  <S extends Takes>(input: Value<S>): Value<S>;
}

/** A stage that keeps the shape and takes its arguments by `with`. */
export interface OptionalStage<K extends keyof Arguments, Takes extends Shape = Shape>
  extends SameStage<Takes> {
  with(named: Named<K>): SameStage<Takes>;
}

export interface WindowStage<Out extends number, K, P, Stride = 1, Pad = "half"> extends Labelled {
  <S extends Image>(input: Value<S>): Value<WindowShape<S, Out, K, P, Stride, Pad>>;
}

export interface DepthwiseStage<K, P> extends Labelled {
  <S extends Image>(
    input: Value<S>,
  ): Value<
    WindowShape<
      S,
      P extends { multiplier: infer M extends number } ? Multiply<S[0], M> : S[0],
      K,
      P
    >
  >;
}

export interface PoolStage<K, P> extends Labelled {
  <S extends Image>(input: Value<S>): Value<PoolShape<S, K, P>>;
}

export interface PooledStage<P> extends Labelled {
  <S extends Image>(input: Value<S>): Value<PooledShape<S, P>>;
}

export interface GlobalPool<K extends "gap" | "gmp"> extends PooledStage<unknown> {
  with<const P extends Named<K>>(named: P): PooledStage<P>;
}

export interface LinearStage<Out extends number> extends Labelled {
  (input: Value<Vector>): Value<readonly [Out]>;
}

export interface FlattenStage extends Labelled {
  <S extends Shape>(input: Value<S>): Value<readonly [Product<S>]>;
}

export interface ScaledStage<F> extends Labelled {
  <S extends Image>(input: Value<S>): Value<ScaledShape<S, F>>;
}

/** A stage whose result has the sizes that it names. */
export interface ShapedStage<R extends Shape, Takes extends Shape = Shape> extends Labelled {
  (input: Value<Takes>): Value<R>;
}

export interface SplitStage<N> extends Labelled {
  <S extends Shape>(input: Value<S>): Parts<N>;
}

/** The results of `split`, as many as it makes. */
export type Parts<N, Out extends readonly Value<Shape>[] = []> = N extends readonly number[]
  ? { readonly [I in keyof N]: Value<Shape> }
  : number extends N
    ? readonly Value<Shape>[]
    : Out["length"] extends N
      ? Out
      : Parts<N, [...Out, Value<Shape>]>;

type AnyImage = readonly [number, number, number];
type Reduce<K extends keyof Arguments> = (
  ...given: readonly [...axes: AxisArgument[], last: AxisArgument | Named<K>]
) => ShapedStage<Shape>;

/** A merge of two values, or of a value and a number. */
export interface Merge {
  <A extends Shape>(left: Value<A>, right: number): Value<A>;
  <A extends Shape, B extends Shape>(
    left: Value<A>,
    right: Value<B> & Value<Fitting<A, B> & Shape>,
  ): Value<Joint<A, B>>;
  <A extends Shape>(
    first: Value<A>,
    second: Value<A>,
    third: Value<A>,
    ...more: Value<A>[]
  ): Value<A>;
}

/** Every operator and merge of the language, with the shapes that it takes and gives. */
export interface Combinators {
  conv<const O extends number, const K extends Size, const P extends Named<"conv"> = object>(
    out: O,
    kernel: K,
    named?: P,
  ): WindowStage<O, K, P>;
  dwconv<const K extends Size, const P extends Named<"dwconv"> = object>(
    kernel: K,
    named?: P,
  ): DepthwiseStage<K, P>;
  pwconv<const O extends number, const P extends Named<"pwconv"> = object>(
    out: O,
    named?: P,
  ): WindowStage<O, 1, P>;
  sepconv<const O extends number, const K extends Size, const P extends Named<"sepconv"> = object>(
    out: O,
    kernel: K,
    named?: P,
  ): WindowStage<O, K, P>;
  stacked<const O extends number, const K extends Size, const P extends Named<"stacked"> = object>(
    out: O,
    kernel: K,
    named?: P,
  ): WindowStage<O, K, P>;
  deconv<const O extends number>(
    out: O,
    kernel: Size,
    named?: Named<"deconv">,
  ): ShapedStage<readonly [O, number, number], Image>;
  linear<const O extends number>(out: O, named?: Named<"linear">): LinearStage<O>;
  bn: OptionalStage<"bn">;
  instancenorm: OptionalStage<"instancenorm", Image>;
  groupnorm(groups: number, named?: Named<"groupnorm">): SameStage;
  lrn(size: number, named?: Named<"lrn">): SameStage<Image>;
  relu: SameStage;
  relu6: SameStage;
  selu: SameStage;
  sigmoid: SameStage;
  tanh: SameStage;
  silu: SameStage;
  hardswish: SameStage;
  gelu: SameStage;
  mish: SameStage;
  softplus: SameStage;
  hardsigmoid: OptionalStage<"hardsigmoid">;
  leaky_relu: OptionalStage<"leaky_relu">;
  elu: OptionalStage<"elu">;
  prelu: OptionalStage<"prelu">;
  clip(min: number, max: number): SameStage;
  map(name: Arguments["map"]["function"]): SameStage;
  threshold(least: number): SameStage;
  softmax: OptionalStage<"softmax">;
  log_softmax: OptionalStage<"log_softmax">;
  maxpool<const K extends Size, const P extends Named<"maxpool"> = object>(
    kernel: K,
    named?: P,
  ): PoolStage<K, P>;
  avgpool<const K extends Size, const P extends Named<"avgpool"> = object>(
    kernel: K,
    named?: P,
  ): PoolStage<K, P>;
  gap: GlobalPool<"gap">;
  gmp: GlobalPool<"gmp">;
  mean: Reduce<"mean">;
  sum: Reduce<"sum">;
  amax: Reduce<"amax">;
  amin: Reduce<"amin">;
  flatten: FlattenStage;
  parameter<const R extends readonly number[]>(...shape: R): ShapedStage<R>;
  dropout(rate: number): SameStage;
  upsample<const F extends Size>(scale: F, named?: Named<"upsample">): ScaledStage<F>;
  slice(axis: AxisArgument, from: number, to: number, named?: Named<"slice">): ShapedStage<Shape>;
  flip(...axes: AxisArgument[]): SameStage;
  split<const N extends number | readonly number[]>(
    parts: N,
    named?: Named<"split">,
  ): SplitStage<N>;
  pad(
    top: number,
    left: number,
    bottom: number,
    right: number,
    named?: Named<"pad">,
  ): ShapedStage<AnyImage, Image>;
  pad_axis(
    axis: AxisArgument,
    before: number,
    after: number,
    named?: Named<"pad_axis">,
  ): ShapedStage<Shape>;
  reshape<const R extends readonly number[]>(
    ...shape: R
  ): ShapedStage<{ readonly [I in keyof R]: R[I] extends -1 ? number : R[I] }>;
  transpose(...axes: AxisArgument[]): ShapedStage<Shape>;
  shuffle(groups: number): SameStage<Image>;
  pixel_shuffle(r: number): ShapedStage<AnyImage, Image>;
  resample(size: Size, named?: Named<"resample">): ShapedStage<AnyImage, Image>;
  add: Merge;
  sub: Merge;
  mul: Merge;
  div: Merge;
  max: Merge;
  min: Merge;
  pow: Merge;
  equal: Merge;
  less: Merge;
  less_equal: Merge;
  mask: Merge;
  leak: Merge;
  concat(
    ...operands: readonly [
      Value<Shape>,
      Value<Shape>,
      ...rest: (Value<Shape> | { readonly axis: AxisArgument })[],
    ]
  ): Value<Shape>;
}
