import type { Add, IsOdd, Multiply, Windowed } from "./arithmetic.js";

/** A tensor's sizes without the batch. */
export type Shape = readonly number[];
/** `[channels, height, width]`. */
export type Image = readonly [channels: number, height: number, width: number];
/** `[elements]`. */
export type Vector = readonly [elements: number];

/** `3` for `3x3`, or height and width. */
export type Size = number | readonly [height: number, width: number];

/** The padding of a window: by rule, on each side, `[h, w]` or `[top, left, bottom, right]`. */
export type Padding =
  | "half"
  | "same"
  | Size
  | readonly [top: number, left: number, bottom: number, right: number];

/** An argument that was given by name, or else its default. */
type Given<P, N extends string, Fallback> = P extends { readonly [K in N]: infer V } ? V : Fallback;

/** A size's height (0) or width (1). */
type Along<V, Axis extends 0 | 1> = V extends readonly [
  infer H extends number,
  infer W extends number,
]
  ? [H, W][Axis]
  : V extends number
    ? V
    : number;

/** The padding of both ends together. */
type Padded<P, K extends number, Axis extends 0 | 1> = P extends "half"
  ? Half<K>
  : P extends readonly [
        infer T extends number,
        infer L extends number,
        infer B extends number,
        infer R extends number,
      ]
    ? [Sum<T, B>, Sum<L, R>][Axis]
    : Sum<Along<P, Axis>, Along<P, Axis>>;

/** `2 · floor((k - 1) / 2)`. */
type Half<K extends number> = K extends 1 | 2
  ? 0
  : IsOdd<K> extends true
    ? LessOne<K>
    : LessOne<LessOne<K>>;

type LessOne<N extends number> = Windowed<N, 0, 2, 1>;
type Sum<A extends number, B extends number> = A extends 0 ? B : B extends 0 ? A : Add<A, B>;

/** One axis behind a window with its named arguments; dilation and ceil are left to the compiler. */
type Moved<
  N extends number,
  K extends number,
  S extends number,
  P,
  Axis extends 0 | 1,
  Rest,
> = Rest extends { readonly dilation: unknown } | { readonly ceil: true }
  ? number
  : P extends "same"
    ? Windowed<N, 0, 1, S>
    : Windowed<N, Padded<P, K, Axis>, K, S>;

/** The shape behind a window: `out` channels, and both axes by their kernel, stride and padding. */
export type WindowShape<
  S extends Image,
  Out extends number,
  K,
  P,
  Stride = 1,
  Pad = "half",
> = Imaged<
  Out,
  Moved<S[1], Along<K, 0>, Along<Given<P, "stride", Stride>, 0>, Given<P, "pad", Pad>, 0, P>,
  Moved<S[2], Along<K, 1>, Along<Given<P, "stride", Stride>, 1>, Given<P, "pad", Pad>, 1, P>
>;

/** The sizes as a plain tuple, which is how messages then show them. */
type Imaged<C extends number, H extends number, W extends number> = [C, H, W] extends [
  infer A extends number,
  infer B extends number,
  infer D extends number,
]
  ? readonly [A, B, D]
  : never;

/** The shape behind a pool: its stride is its kernel unless told. */
export type PoolShape<S extends Image, K, P> = WindowShape<S, S[0], K, P, K, 0>;

/** The shape behind a resize by a whole factor. */
export type ScaledShape<S extends Image, F> = readonly [
  S[0],
  Multiply<S[1], Along<F, 0>>,
  Multiply<S[2], Along<F, 1>>,
];

/** What `gap` and `gmp` leave. */
export type PooledShape<S extends Image, P> = P extends { readonly keepdims: false }
  ? readonly [S[0]]
  : readonly [S[0], 1, 1];

/** What a second operand's shape must be: the first one's, `[c, 1, 1]` or one number. */
export type Fitting<A extends Shape, B extends Shape> =
  B extends Same<A>
    ? B
    : A extends Same<B>
      ? B
      : { readonly "these shapes do not fit": readonly [A, B] };

type Same<A extends Shape> = { readonly [I in keyof A]: A[I] | 1 };

/** The shape of two operands together, each axis the longer one. */
export type Joint<A extends Shape, B extends Shape> = A extends Same<B> ? B : A;
