import { CompileError, Report } from "../../diagnostics/report.js";
import type { Argument, Expression } from "../ast.js";
import { describeData, makeData } from "../data-syntax.js";
import { keywords } from "../inputs.js";
import { makeArgument } from "../make-syntax.js";

const nowhere = { file: "", start: 0, end: 0 };

/** Throws a CompileError that says what was given and what is wanted. */
export function refuse(value: unknown, wanted: string): never {
  const report = new Report();
  report.add("interpolation-unfit", { actual: describeData(value), wanted });
  throw new CompileError(report.diagnostics);
}

/** Data as an expression. */
export function dataOf(value: unknown): Expression {
  const made = makeData(value, nowhere);
  return made ?? refuse(value, "an argument is a number, a boolean, a string or a list of those");
}

const isWord = (text: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !keywords.has(text);

/** A name that can stand in a text as it is. */
export const wordOf = (text: string): string =>
  isWord(text)
    ? text
    : refuse(text, "a name has letters, digits and underscores, and is no keyword");

/** Arguments in their order, and a record of named ones at the end. */
export function argumentsOf(given: readonly unknown[]): Argument[] {
  return given.flatMap((value, index) => {
    const isNamed = index === given.length - 1 && isRecord(value);
    if (!isNamed) return [makeArgument(dataOf(value))];
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => makeArgument(dataOf(inner), wordOf(name)));
  });
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
