/** Sums of sizes in types. Decimal digits are worked from the last one, so texts are reversed first. */
interface Units {
  "0": [];
  "1": [0];
  "2": [0, 0];
  "3": [0, 0, 0];
  "4": [0, 0, 0, 0];
  "5": [0, 0, 0, 0, 0];
  "6": [0, 0, 0, 0, 0, 0];
  "7": [0, 0, 0, 0, 0, 0, 0];
  "8": [0, 0, 0, 0, 0, 0, 0, 0];
  "9": [0, 0, 0, 0, 0, 0, 0, 0, 0];
}

type Digit = keyof Units;

type Reversed<T extends string, Out extends string = ""> = T extends `${infer First}${infer Rest}`
  ? Reversed<Rest, `${First}${Out}`>
  : Out;

type NumberOf<T extends string> =
  Reversed<T> extends `${infer Value extends number}` ? Value : number;

/** Both digits and what was carried, put in front of what is left to add. */
type Carry<
  Sum extends number,
  A extends string,
  B extends string,
  Out extends string,
> = `${Sum}` extends `1${infer Last extends Digit}`
  ? AddTexts<A, B, [0], `${Out}${Last}`>
  : AddTexts<A, B, [], `${Out}${Sum}`>;

type AddTexts<
  A extends string,
  B extends string,
  Carried extends 0[] = [],
  Out extends string = "",
> = A extends `${infer X extends Digit}${infer Xs}`
  ? B extends `${infer Y extends Digit}${infer Ys}`
    ? Carry<[...Units[X], ...Units[Y], ...Carried]["length"] & number, Xs, Ys, Out>
    : Carry<[...Units[X], ...Carried]["length"] & number, Xs, "", Out>
  : B extends ""
    ? Carried extends []
      ? Out
      : `${Out}1`
    : AddTexts<B, "", Carried, Out>;

type TimesDigit<A extends string, Count extends 0[], Out extends string = "0"> = Count extends [
  0,
  ...infer Rest extends 0[],
]
  ? TimesDigit<A, Rest, AddTexts<Out, A>>
  : Out;

type MultiplyTexts<
  A extends string,
  B extends string,
  Shift extends string = "",
  Out extends string = "0",
> = B extends `${infer First extends Digit}${infer Rest}`
  ? MultiplyTexts<A, Rest, `0${Shift}`, AddTexts<Out, `${Shift}${TimesDigit<A, Units[First]>}`>>
  : Out;

/** The sum of two literal sizes; `number` where one is not literal. */
export type Add<A extends number, B extends number> = number extends A
  ? number
  : number extends B
    ? number
    : NumberOf<AddTexts<Reversed<`${A}`>, Reversed<`${B}`>>>;

/** The product of two literal sizes; `number` where one is not literal. */
export type Multiply<A extends number, B extends number> = number extends A
  ? number
  : number extends B
    ? number
    : NumberOf<MultiplyTexts<Reversed<`${A}`>, Reversed<`${B}`>>>;

/** The product of all sizes of a shape. */
export type Product<S extends readonly number[]> = number extends S["length"]
  ? number
  : S extends readonly [infer First extends number, ...infer Rest extends readonly number[]]
    ? Rest extends readonly []
      ? First
      : Multiply<First, Product<Rest>>
    : 1;

type Tens<T extends 0[]> = [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];

type TupleOfText<
  T extends string,
  Out extends 0[] = [],
> = T extends `${infer First extends Digit}${infer Rest}`
  ? TupleOfText<Rest, [...Tens<Out>, ...Units[First]]>
  : Out;

/** As many elements as a size of at most three digits says; `never` for others. */
type TupleOf<N extends number> = `${N}` extends `${Digit}${Digit | ""}${Digit | ""}`
  ? TupleOfText<`${N}`>
  : never;

type Quotient<T extends 0[], By extends 0[], Out extends 0[] = []> = T extends [
  ...By,
  ...infer Rest extends 0[],
]
  ? Quotient<Rest, By, [...Out, 0]>
  : Out["length"];

/** How many steps of a size fit into what is left, and one. */
type StepsIn<T extends 0[], Step extends 0[]> = Quotient<[...T, ...Step], Step>;

/**
 * `floor((size + padding - window) / stride) + 1`, the size behind a window that moves; `number` where
 * one of them is not literal, has more than three digits or does not fit.
 */
export type Windowed<
  Size extends number,
  Padding extends number,
  Window extends number,
  Stride extends number,
> = true extends IsWide<Size> | IsWide<Padding> | IsWide<Window> | IsWide<Stride>
  ? number
  : [...TupleOf<Size>, ...TupleOf<Padding>] extends [...TupleOf<Window>, ...infer Left extends 0[]]
    ? StepsIn<Left, TupleOf<Stride>> & number
    : number;

type IsWide<N extends number> = number extends N
  ? true
  : `${N}` extends `${Digit}${Digit | ""}${Digit | ""}`
    ? false
    : true;

/** Whether a literal size is odd. */
export type IsOdd<N extends number> = `${N}` extends `${string}${1 | 3 | 5 | 7 | 9}` ? true : false;
