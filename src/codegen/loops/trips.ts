import type { Expr, Stmt } from "./types.js";

type For = Extract<Stmt, { readonly kind: "for" }>;

/** The same local or constant, advanced by constants: its root and the distance from it. */
function rooted(expr: Expr): { readonly root: string; readonly distance: number } | undefined {
  if (expr.kind === "const") return { root: "", distance: expr.value };
  if (expr.kind === "get") return { root: expr.local.name, distance: 0 };
  if (expr.kind !== "advance" || expr.by.kind !== "const") return undefined;
  const base = rooted(expr.base);
  return base && { root: base.root, distance: base.distance + expr.by.value * expr.scale };
}

/** How often a loop's body runs, where its bounds tell; else undefined. */
export function tripCount(loop: For): number | undefined {
  const [from, to] = [rooted(loop.from), rooted(loop.to)];
  if (!from || !to || from.root !== to.root) return undefined;
  return Math.max(0, Math.ceil((to.distance - from.distance) / loop.step));
}

/** Whether the test in front of a loop's first pass can be left out. */
export const runsAtLeastOnce = (loop: For): boolean => (tripCount(loop) ?? 0) > 0;
