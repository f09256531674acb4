import type { Value as Tensor } from "../../ir/graph.js";
import type { AttributesOf, OperandsOf, OpName } from "../../ir/ops/index.js";
import type { Role } from "../../ir/ops/leaf.js";
import type { Kind } from "./kinds.js";

/** A parameter of an operator. */
export interface Parameter<T> {
  readonly kind: Kind<T>;
  /** What it is when not given, and how the documentation writes that; required without. */
  readonly fallback?: { readonly value: T; readonly text: string };
  /** Takes all arguments without a name from here on. */
  readonly rest?: boolean;
}

export const required = <T>(kind: Kind<T>): Parameter<T> => ({ kind });

export const optional = <T>(kind: Kind<T>, value: T, text = String(value)): Parameter<T> => ({
  kind,
  fallback: { value, text },
});

export const rest = <T>(kind: Kind<T>): Parameter<T> => ({ kind, rest: true });

/** Any number of arguments, none included. */
export const anyRest = <T>(kind: Kind<readonly T[]>): Parameter<readonly T[]> => ({
  kind,
  rest: true,
  fallback: { value: [], text: "" },
});

export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>;

export type ValuesOf<P extends ParameterTable> = {
  readonly [N in keyof P]: P[N] extends Parameter<infer T> ? T : never;
};

/** What an operator's stage is made with: the tensor that arrives, parameters and nodes. */
export interface StageBuilder {
  /** The operator's name, for messages. */
  readonly operator: string;
  /** The tensor that arrives. */
  readonly input: Tensor;
  /** Its shape without the batch. */
  readonly shape: readonly number[];
  /** A weight of this stage: its path is the stage's path and this name. */
  parameter(name: string, shape: readonly number[], role?: Role): Tensor;
  build<K extends OpName>(op: K, operands: OperandsOf<K>, attrs: AttributesOf<K>): Tensor;
  /** All results of a node. */
  buildAll<K extends OpName>(
    op: K,
    operands: OperandsOf<K>,
    attrs: AttributesOf<K>,
  ): readonly Tensor[];
  /** The same stage one step on: what arrives is `input`; with a name, its parameters are a child's. */
  after(input: Tensor, child?: string): StageBuilder;
}

/** What an operator takes: `[c, h, w]`, `[n]`, either, or any shape. */
export type Arrival = "image" | "vector" | "image or vector" | "any";

/** One operator of the language: everything that the checker, the expander and the docs know of it. */
export interface Operator {
  readonly name: string;
  readonly summary: string;
  readonly takes: Arrival;
  readonly parameters: ReadonlyMap<string, Parameter<unknown>>;
  /** Its nodes, for arguments that were read by the parameters' kinds. Throws ShapeError. */
  apply(stage: StageBuilder, values: ReadonlyMap<string, unknown>): Tensor | readonly Tensor[];
}

/** An operator from its table of parameters; `apply` gets their values under their names. */
export function defineOperator<P extends ParameterTable>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly takes: Arrival;
  readonly parameters: P;
  apply(stage: StageBuilder, values: ValuesOf<P>): Tensor | readonly Tensor[];
}): Operator {
  return {
    ...definition,
    parameters: new Map(Object.entries(definition.parameters)),
    // The binder read every value by its parameter's kind, which is what ValuesOf says.
    apply: (stage, values) => definition.apply(stage, Object.fromEntries(values) as ValuesOf<P>),
  };
}

/** The operators that a `.cnn` file may use, by name. */
export type OperatorTable = ReadonlyMap<string, Operator>;
