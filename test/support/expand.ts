import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { Report } from "../../src/diagnostics/report.js";
import {
  type Elaborated,
  type ElaborateOptions,
  elaborateText,
  parametersOf,
} from "../../src/dsl/elaborate.js";
import { printGraph } from "../../src/ir/print.js";

/** A `.cnn` text expanded, with everything that was said about it. */
export function expand(
  text: string,
  options: ElaborateOptions = {},
): { readonly result: Elaborated | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const report = new Report();
  const result = elaborateText(text, "model.cnn", options, report);
  return { result, diagnostics: report.diagnostics };
}

/** A text expanded without any error. */
export function expanded(text: string, options: ElaborateOptions = {}): Elaborated {
  const { result, diagnostics } = expand(text, options);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (!result) throw new Error(errors.map(({ message }) => message).join("\n") || "no graph");
  return result;
}

/** The lines of the printed graph of a model with these statements and the input `x: f32[4, 6, 5]`. */
export const linesOf = (statements: string, before = ""): string[] =>
  printGraph(expanded(modelOf(statements, before)).graph)
    .split("\n")
    .slice(1);

/** The model of `linesOf`. */
export const modelOf = (statements: string, before = ""): string =>
  `${before}\nmodel M {\n  input x: f32[4, 6, 5]\n  ${statements}\n  output y\n}`;

/** The shape of the output of such a model, without the batch. */
export const shapeOf = (statements: string, before = ""): readonly number[] =>
  expanded(modelOf(statements, before)).graph.outputs.at(-1)?.value.type.shape.slice(1) ?? [];

/** The parameter paths of such a model, biases left out to keep tests short. */
export const pathsOf = (statements: string, before = ""): string[] =>
  Object.keys(parametersOf(expanded(modelOf(statements, before)).graph)).filter(
    (path) => !path.endsWith("bias"),
  );

/** What is said about a text: the errors' and warnings' names. */
export const namesOf = (text: string, options: ElaborateOptions = {}): string[] =>
  expand(text, options).diagnostics.map(({ name }) => name);

/** What is said about such a model. */
export const problemsOf = (statements: string, before = ""): string[] =>
  namesOf(modelOf(statements, before));
