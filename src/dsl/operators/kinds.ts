import type { Pair, Sides } from "../../ir/ops/conv.js";
import { type Datum, isNumeric, itemOf, lengthOf } from "../values.js";

/** What a parameter takes: how messages call it, and how it reads a datum. */
export interface Kind<T> {
  /** With its article: `an int of at least 1`. */
  readonly phrase: string;
  /** The words it takes, for a did-you-mean. */
  readonly words?: readonly string[];
  /** Takes any bare name that names no value, as a string. */
  readonly bare?: boolean;
  /** Takes label names joined by dots, as a string. */
  readonly path?: boolean;
  /** The datum's meaning; undefined when it is none of these. */
  read(datum: Datum): T | undefined;
}

const isWhole = (datum: Datum): boolean => isNumeric(datum) && Number.isSafeInteger(datum.value);

const wholeValue = (datum: Datum, least: number, most: number): number | undefined =>
  isNumeric(datum) && isWhole(datum) && datum.value >= least && datum.value <= most
    ? datum.value
    : undefined;

const largest = 2 ** 31;

const bounds = (least: number): string =>
  least === Number.MIN_SAFE_INTEGER ? "" : ` of at least ${least}`;

/** An int, 8.0 included. */
export const whole = (least = Number.MIN_SAFE_INTEGER): Kind<number> => ({
  phrase: `an int${bounds(least)}`,
  read: (datum) => wholeValue(datum, least, largest),
});

/** Any number for which `holds` is true. */
export const number = (
  phrase = "a number",
  holds: (x: number) => boolean = () => true,
): Kind<number> => ({
  phrase,
  read: (datum) => (isNumeric(datum) && holds(datum.value) ? datum.value : undefined),
});

export const positive = number("a number greater than 0", (x) => x > 0);
export const notNegative = number("a number of at least 0", (x) => x >= 0);

export const flag: Kind<boolean> = {
  phrase: "true or false",
  read: (datum) => (datum.kind === "bool" ? datum.value : undefined),
};

/** One of a few option words. */
export function word<W extends string>(...words: readonly W[]): Kind<W> {
  return {
    phrase:
      words.length > 1
        ? `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`
        : words.join(""),
    words,
    bare: true,
    read: (datum) =>
      datum.kind === "string" ? words.find((candidate) => candidate === datum.value) : undefined,
  };
}

/** The ints of a list, all within bounds. */
function wholeItems(datum: Datum, least: number): readonly number[] | undefined {
  if (datum.kind !== "list" && datum.kind !== "range") return undefined;
  if (lengthOf(datum) > 64) return undefined;
  const values: number[] = [];
  for (let index = 0; index < lengthOf(datum); index++) {
    const value = wholeValue(itemOf(datum, index), least, largest);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** The height and width that a datum means: `3x5`, `3`, or `(3, 5)`. */
function pairValue(datum: Datum, least: number): Pair | undefined {
  if (datum.kind === "size") {
    const fits = [datum.height, datum.width].every((n) => n >= least && n <= largest);
    return fits ? [datum.height, datum.width] : undefined;
  }
  const one = wholeValue(datum, least, largest);
  if (one !== undefined) return [one, one];
  const [height, width, more] = wholeItems(datum, least) ?? [];
  return height !== undefined && width !== undefined && more === undefined
    ? [height, width]
    : undefined;
}

/** A size: `3x5`, `3` for `3x3`, or `(3, 5)`. */
export const pair = (least = 1): Kind<Pair> => ({
  phrase: `a size such as 3x3, n or (h, w)${bounds(least)}`,
  read: (datum) => pairValue(datum, least),
});

export type Padding =
  | { readonly kind: "half" | "same" }
  | { readonly kind: "sides"; readonly sides: Sides };

function paddingValue(datum: Datum): Padding | undefined {
  if (datum.kind === "string") {
    return datum.value === "half" || datum.value === "same" ? { kind: datum.value } : undefined;
  }
  const [top, left, bottom, right, more] = wholeItems(datum, 0) ?? [];
  if (top !== undefined && left !== undefined && bottom !== undefined && right !== undefined) {
    return more === undefined ? { kind: "sides", sides: [top, left, bottom, right] } : undefined;
  }
  const [height, width] = pairValue(datum, 0) ?? [];
  if (height === undefined || width === undefined) return undefined;
  return { kind: "sides", sides: [height, width, height, width] };
}

/** `half`, `same`, a number, `(h, w)` or `(top, left, bottom, right)`. */
export const padding: Kind<Padding> = {
  phrase: "half, same, a number, (h, w) or (top, left, bottom, right), none negative",
  words: ["half", "same"],
  read: paddingValue,
};

/** An int, or a list of ints. */
export const wholeOrList = (phrase: string, least: number): Kind<number | readonly number[]> => ({
  phrase,
  read: (datum) => wholeValue(datum, least, largest) ?? wholeItems(datum, least),
});

/** An axis of a tensor: its number without the batch, or the batch itself. */
export type Axis = number | "batch";

const batchWord = ["batch"];

const axisValue = (datum: Datum): Axis | undefined =>
  datum.kind === "string" && datum.value === "batch"
    ? "batch"
    : wholeValue(datum, Number.MIN_SAFE_INTEGER, largest);

/** One axis. */
export const axis: Kind<Axis> = {
  phrase: "an axis: an int, or batch",
  words: batchWord,
  read: axisValue,
};

/** Axes one by one, or as one list of ints. */
export const axes = (phrase: string): Kind<readonly Axis[]> => ({
  phrase,
  words: batchWord,
  read: (datum) => {
    const only = datum.kind === "list" && datum.items.length === 1 ? datum.items[0] : undefined;
    if (only && axisValue(only) === undefined) return wholeItems(only, Number.MIN_SAFE_INTEGER);
    const items = datum.kind === "list" ? datum.items : [datum];
    if (items.length > 64) return undefined;
    const found = items.flatMap((item) => axisValue(item) ?? []);
    return found.length === items.length ? found : undefined;
  },
});

/** How many of a tensor there are: the size of its batch, or `none` where it has no such axis. */
export type BatchSize = number | "none";

/** The size of a batch. */
export const batchSize: Kind<BatchSize> = {
  phrase: "an int of at least 1, or none",
  words: ["none"],
  read: (datum) =>
    datum.kind === "string" && datum.value === "none" ? "none" : wholeValue(datum, 1, largest),
};

/** A number, or what stands for an infinite one. */
export const numberOrInfinite: Kind<number> = {
  phrase: "a number, highest or lowest",
  words: ["highest", "lowest"],
  read: (datum) => {
    if (isNumeric(datum)) return datum.value;
    if (datum.kind !== "string") return undefined;
    if (datum.value === "highest") return Number.POSITIVE_INFINITY;
    return datum.value === "lowest" ? Number.NEGATIVE_INFINITY : undefined;
  },
};

/** Ints one by one, or as one list. */
export const wholes = (phrase: string, least: number): Kind<readonly number[]> => ({
  phrase,
  read: (datum) => {
    const only = datum.kind === "list" && datum.items.length === 1 ? datum.items[0] : undefined;
    const one = wholeValue(datum, least, largest);
    if (one !== undefined) return [one];
    return wholeItems(only && only.kind === "list" ? only : datum, least);
  },
});

/** A factor for both axes, or one for the height and one for the width. */
export const factors: Kind<Pair> = {
  phrase: "a number greater than 0, or (h, w)",
  read: (datum) => {
    if (isNumeric(datum)) return datum.value > 0 ? [datum.value, datum.value] : undefined;
    if (datum.kind !== "list") return pairValue(datum, 1);
    const [height, width, more] = datum.items;
    if (!height || !width || more || !isNumeric(height) || !isNumeric(width)) return undefined;
    return height.value > 0 && width.value > 0 ? [height.value, width.value] : undefined;
  },
};

/** A kind whose parameter may be left out. */
export const maybe = <T>(kind: Kind<T>): Kind<T | undefined> => kind;
