import type { Span } from "../diagnostics/diagnostic.js";
import type { Value as Tensor } from "../ir/graph.js";

/** What an expression means while a model is expanded; all but tensors are gone afterwards. */
export type Datum =
  | { readonly kind: "int" | "float"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "size"; readonly height: number; readonly width: number }
  | {
      readonly kind: "list";
      readonly items: readonly Datum[];
      /** Whether any item is a tensor, and whether any is unknown: found once. */
      readonly tensors: boolean;
      readonly unknowns: boolean;
    }
  /** `from..to`, never spelled out: a loop over it needs no memory. */
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "tensor"; readonly tensor: Tensor }
  /** What an error left behind; everything made from it is unknown too, silently. */
  | { readonly kind: "unknown" };

export type Numeric = Extract<Datum, { value: number }>;

export const unknown: Datum = { kind: "unknown" };
export const int = (value: number): Numeric => ({ kind: "int", value });
export const float = (value: number): Numeric => ({ kind: "float", value });
export const bool = (value: boolean): Datum => ({ kind: "bool", value });
export const string = (value: string): Datum => ({ kind: "string", value });
export const listOf = (items: readonly Datum[]): Datum => ({
  kind: "list",
  items,
  tensors: items.some(({ kind }) => kind === "tensor"),
  unknowns: items.some(isUnknown),
});
export const tensorOf = (tensor: Tensor): Datum => ({ kind: "tensor", tensor });

export const isNumeric = (datum: Datum): datum is Numeric =>
  datum.kind === "int" || datum.kind === "float";

/** A tensor's shape as the language counts it: without the batch. */
export const shapeOf = (tensor: Tensor): readonly number[] => tensor.type.shape.slice(1);

export const isSequence = (datum: Datum): boolean =>
  datum.kind === "list" || datum.kind === "range";

/** The number of items of a list or range. */
export function lengthOf(datum: Datum): number {
  if (datum.kind === "list") return datum.items.length;
  return datum.kind === "range" ? Math.max(0, datum.to - datum.from) : 0;
}

export const itemOf = (datum: Datum, index: number): Datum => {
  if (datum.kind === "range") return int(datum.from + index);
  return datum.kind === "list" ? (datum.items[index] ?? unknown) : unknown;
};

/** Whether a tensor is the datum or one of its items. */
export const holdsTensor = (datum: Datum): boolean =>
  datum.kind === "tensor" || (datum.kind === "list" && datum.tensors);

export function isUnknown(datum: Datum): boolean {
  return datum.kind === "unknown" || (datum.kind === "list" && datum.unknowns);
}

export const printShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** A shape with the images of a batch, where there are several: `2 x [3, 8, 8]`. */
export const printBatch = (batch: number, shape: string): string =>
  batch === 1 ? shape : `${batch} x ${shape}`;

const longest = 8;

/** A datum as it would be written, long lists cut. */
export function printDatum(datum: Datum): string {
  switch (datum.kind) {
    case "int":
    case "float":
    case "bool":
      return String(datum.value);
    case "string":
      return JSON.stringify(datum.value.length > 60 ? `${datum.value.slice(0, 60)}…` : datum.value);
    case "size":
      return `${datum.height}x${datum.width}`;
    case "range":
      return `${datum.from}..${datum.to}`;
    case "tensor":
      return `a tensor ${printShape(shapeOf(datum.tensor))}`;
    case "unknown":
      return "?";
    case "list": {
      const shown = datum.items.slice(0, longest).map((item) => {
        return item.kind === "list" && item.items.some((inner) => inner.kind === "list")
          ? "[…]"
          : printDatum(item);
      });
      return `[${[...shown, ...(datum.items.length > longest ? ["…"] : [])].join(", ")}]`;
    }
  }
}

/** What a datum is, for messages: `the int 3`, `a tensor [8, 4, 4]`. */
export function describe(datum: Datum): string {
  switch (datum.kind) {
    case "int":
    case "float":
    case "bool":
    case "string":
    case "size":
      return `the ${datum.kind} ${printDatum(datum)}`;
    case "range":
      return `the range ${printDatum(datum)}`;
    case "list":
      return holdsTensor(datum)
        ? `a list of ${datum.items.length} tensors`
        : `the list ${printDatum(datum)}`;
    case "tensor":
    case "unknown":
      return printDatum(datum);
  }
}

/** A named thing and the place where it got its name. */
export interface Named {
  readonly name: string;
  readonly span: Span;
}
