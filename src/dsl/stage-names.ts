import type { Expression } from "./ast.js";

/** A path as written: a string, or label names joined by dots; undefined for anything else. */
export function writtenPath(expression: Expression): string | undefined {
  const names: string[] = [];
  let at = expression;
  while (at.kind === "member") {
    names.unshift(at.member.text);
    at = at.object;
  }
  if (at.kind === "string") return names.length === 0 ? at.value : undefined;
  if (at.kind !== "call" || at.arguments || at.label) return undefined;
  return [at.callee.text, ...names].join(".");
}

/** The path that a written one means in a scope. */
export const within = (prefix: string, path: string): string =>
  prefix === "" ? path : `${prefix}.${path}`;
