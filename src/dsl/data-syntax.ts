import type { Span } from "../diagnostics/diagnostic.js";
import type { Expression } from "./ast.js";
import { makeBoolean, makeList, makeNumber, makeString } from "./make-syntax.js";

/** What a program can hand over as a value of the language: lists are also sizes and tuples. */
export type Data = number | boolean | string | readonly Data[];

/** The most lists inside one another. */
const maxLists = 8;

/** Data as an expression that stands at a place; undefined when they are none. */
export function makeData(value: unknown, span: Span, lists = 0): Expression | undefined {
  if (typeof value === "boolean") return { ...makeBoolean(value), span };
  if (typeof value === "string") return { ...makeString(value), span };
  if (typeof value === "number") return Number.isFinite(value) ? numberAt(value, span) : undefined;
  if (!Array.isArray(value) || lists === maxLists) return undefined;
  const items = Array.from(value, (item) => makeData(item, span, lists + 1));
  const made = items.filter((item) => item !== undefined);
  return made.length === items.length ? { ...makeList("list", made), span } : undefined;
}

function numberAt(value: number, span: Span): Expression {
  const made = makeNumber(value);
  return made.kind === "unary"
    ? { ...made, operand: { ...made.operand, span }, span }
    : { ...made, span };
}

/** What a value of a program is called in a message. */
export function describeData(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? `the number ${value}` : `${value}`;
  if (typeof value === "string") return `the string ${clipped(JSON.stringify(value))}`;
  if (typeof value === "boolean") return `'${value}'`;
  if (typeof value === "function") return "a function";
  return Array.isArray(value) ? "a list" : "an object";
}

const clipped = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 37)}…`);
