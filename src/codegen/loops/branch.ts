import type { Expr, Stmt } from "./types.js";

/** An `if` statement. */
export function branch(
  condition: Expr,
  then: readonly Stmt[],
  otherwise: readonly Stmt[],
): Extract<Stmt, { readonly kind: "if" }> {
  return { kind: "if", condition, then, otherwise };
}
