import type { Expr, Stmt } from "./types.js";

/** An `if` statement. */
export function branch(
  condition: Expr,
  then: readonly Stmt[],
  otherwise: readonly Stmt[],
): Extract<Stmt, { readonly kind: "if" }> {
  // biome-ignore lint/suspicious/noThenProperty: statements are data, never awaited
  return { kind: "if", condition, then, otherwise };
}
