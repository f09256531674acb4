import type { Value } from "../../ir/graph.js";

/** One argument of a constructor. Where equal classes differ in it, it becomes their parameter. */
export interface Argument {
  readonly name: string;
  readonly text: string;
  /** Given by name. */
  readonly isNamed: boolean;
  /** Left out where every use has this text. */
  readonly fallback?: string;
}

/** What makes a module or a tensor. */
export type Construct =
  | { readonly kind: "new"; readonly callee: string; readonly given: readonly Argument[] }
  | {
      readonly kind: "sequence";
      /** Names are written out where they are not the items' positions. */
      readonly isNamed: boolean;
      readonly items: readonly { readonly name: string; readonly construct: Construct }[];
    };

/** A value where it is read: as an expression that can stand as an argument. */
export type Read = (value: Value) => string;

/** How a node is written. */
export interface Form {
  /** As a module with one input, in front of and behind which something may have to be done. */
  readonly module?: {
    readonly construct: Construct;
    readonly input: Value;
    readonly before?: (input: string) => string;
    readonly after?: (result: string) => string;
  };
  /** The module's tensors by their names in it; only then can the node be this module. */
  readonly owned?: Readonly<Record<string, Value | undefined>>;
  /** As an expression over its operands. */
  readonly call: (read: Read) => string;
  /** Whether the expression has an operand twice, which then should be a name. */
  readonly repeats?: boolean;
}

/** Why a node cannot be written. */
export interface Refusal {
  readonly refused: string;
}

export const refuse = (refused: string): Refusal => ({ refused });

/** By position. */
export const at = (name: string, text: string): Argument => ({ name, text, isNamed: false });

/** By name, left out where it is what it is anyway. */
export const by = (name: string, text: string, fallback?: string): Argument =>
  fallback === undefined ? { name, text, isNamed: true } : { name, text, isNamed: true, fallback };

export const construct = (callee: string, ...given: readonly Argument[]): Construct => ({
  kind: "new",
  callee,
  given,
});

/** A call's text with the arguments that are not what they are anyway. */
export function callOf(
  callee: string,
  first: readonly string[],
  given: readonly Argument[],
): string {
  const written = given
    .filter(({ text, fallback }) => text !== fallback)
    .map(({ name, text, isNamed }) => (isNamed ? `${name}=${text}` : text));
  return `${callee}(${[...first, ...written].join(", ")})`;
}
