import type { Value } from "../../ir/graph.js";

/** An argument's value. */
export type Argument =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "size"; readonly height: number; readonly width: number }
  | { readonly kind: "list"; readonly items: readonly number[] }
  | { readonly kind: "word"; readonly value: string }
  | { readonly kind: "boolean"; readonly value: boolean };

/** An argument of an operator; without a name it is written by position. */
export interface Given {
  /** The operator's parameter; also the name that a block's parameter gets. */
  readonly parameter: string;
  readonly value: Argument;
  readonly byName: boolean;
}

/** A tensor that a stage owns, by its name under the stage's path. */
export interface Owned {
  readonly name: string;
  /** A parameter or a constant of the graph. */
  readonly value: Value;
  /** The shape that the language gives it: the same elements. */
  readonly shape: readonly number[];
}

/** One operator. */
export interface CallStage {
  readonly kind: "call";
  readonly callee: string;
  readonly given: readonly Given[];
  readonly owned: readonly Owned[];
  /** What the source calls it. */
  readonly name: string;
}

/** Operands put together: pipelines from the value that arrives or from a named one, or numbers. */
export interface MergeStage {
  readonly kind: "merge";
  readonly callee: string;
  readonly given: readonly Given[];
  readonly operands: readonly (Pipe | number)[];
}

/** What arrives, or a shortcut of it, plus the body. */
export interface ResidualStage {
  readonly kind: "residual";
  readonly shortcut: readonly Stage[];
  readonly body: readonly Stage[];
}

export type Stage = CallStage | MergeStage | ResidualStage;

/** Stages from a named value on, or from the one that arrives. */
export interface Pipe {
  readonly from: string | undefined;
  readonly stages: readonly Stage[];
}

/** A statement of the model's body. */
export type Line =
  /** Becomes the current value. */
  | { readonly kind: "stages"; readonly pipe: Pipe }
  /** Names the current value (a pipe without stages), a pipe's, or the parts of a list. */
  | { readonly kind: "let"; readonly names: readonly string[]; readonly pipe: Pipe }
  | { readonly kind: "output"; readonly name: string; readonly pipe: Pipe };
