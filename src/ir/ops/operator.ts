import type { Catalogue, MessageName } from "../../diagnostics/catalogue/index.js";
import type { Value } from "../graph.js";
import type { TensorType } from "../types.js";

/** Named operands; a list where an operator takes any number. */
export type OperandTable = Readonly<Record<string, Value | readonly Value[] | undefined>>;

/** Plain data that fixes what an operator does; compared and printed by value. */
export type AttributeTable = object;

/** The types (or, in the evaluator, the data) of the operands, under the operands' names. */
export type OperandsAs<O extends OperandTable, T> = {
  readonly [N in keyof O]: O[N] extends readonly Value[]
    ? readonly T[]
    : undefined extends O[N]
      ? T | undefined
      : T;
};

/** A tensor in the reference evaluator: row-major, float64. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** How far a meaning may move: stated by every rewrite. */
export type Exactness = "bitwise" | "rounding" | "data-dependent" | "approximate";

/**
 * Everything the compiler knows of an operator, side by side. `O` and `A` are its operands and
 * attributes; results are values `(node, index)`, most operators have one.
 */
export interface Operator<O extends OperandTable, A extends AttributeTable> {
  /** The results' types. Throws ShapeError when the operands do not fit each other or the attributes. */
  infer(types: OperandsAs<O, TensorType>, attrs: A): readonly TensorType[];
  /** Multiply-accumulates of convolutions and products, padded taps counted; 0 for all else. */
  macs(types: OperandsAs<O, TensorType>, attrs: A, results: readonly TensorType[]): number;
  /** The meaning, in plain loops over float64: the reference that every target is checked against. */
  evaluate(
    operands: OperandsAs<O, Dense>,
    attrs: A,
    results: readonly TensorType[],
  ): readonly Dense[];
}

/** Operands or attributes that do not fit; the dsl adds the place and reports it. */
export class ShapeError<K extends MessageName = MessageName> extends Error {
  override readonly name = "ShapeError";
  constructor(
    readonly code: K,
    readonly details: Parameters<Catalogue[K]["message"]>[0],
    readonly hint?: string,
  ) {
    super(code);
  }
}
