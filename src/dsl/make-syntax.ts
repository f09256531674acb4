import type { Span } from "../diagnostics/diagnostic.js";
import type {
  Argument,
  Body,
  CallExpression,
  CurrentExpression,
  DefinitionItem,
  Expression,
  Identifier,
  InputStatement,
  Label,
  LabelsStatement,
  LetStatement,
  ListExpression,
  NumberLiteral,
  OutputStatement,
  Parameter,
  PipelineExpression,
  ResidualExpression,
  Setting,
  SizeLiteral,
  SourceFile,
  StageExpression,
  Statement,
  StringLiteral,
  WeightsStatement,
} from "./ast.js";

/** Where nodes stand that no text was written for. */
const span: Span = { file: "", start: 0, end: 0 };

const isWord = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

export const makeIdentifier = (text: string): Identifier => ({ text, span });

/** A label as a name where it is one, else as a string without `{expr}` parts. */
export const makeLabel = (text: string): Label => ({
  parts: [text],
  quoted: !isWord(text),
  span,
});

/** The shortest text that reads back as this number; whole numbers as ints. */
function makeNumberLiteral(value: number): NumberLiteral {
  const integer = Number.isSafeInteger(value) && !Object.is(value, -0);
  const plain = String(value);
  const isFloat = /[.e]/.test(plain);
  return { kind: "number", value, integer, text: integer || isFloat ? plain : `${plain}.0`, span };
}

/** A finite number; a negative one has its sign in front. */
export function makeNumber(value: number): Expression {
  if (value >= 0 && !Object.is(value, -0)) return makeNumberLiteral(value);
  return { kind: "unary", operator: "-", operand: makeNumberLiteral(-value), span };
}

/** `3x7`. */
export const makeSize = (height: number, width: number): SizeLiteral => ({
  kind: "size",
  height,
  width,
  text: `${height}x${width}`,
  span,
});

export const makeString = (value: string): StringLiteral => ({ kind: "string", value, span });

export const makeBoolean = (value: boolean): Expression => ({ kind: "boolean", value, span });

export const makeList = (
  kind: ListExpression["kind"],
  items: readonly Expression[],
): ListExpression => ({ kind, items, span });

export const makeCurrent = (which: CurrentExpression["which"]): CurrentExpression => ({
  kind: "current",
  which,
  span,
});

export const makeArgument = (value: Expression, name?: string): Argument => ({
  name: name === undefined ? undefined : makeIdentifier(name),
  value,
  span,
});

/** A call, or a bare name where there are no arguments. */
export const makeCall = (
  callee: string,
  given: readonly Argument[] = [],
  label?: string,
): CallExpression => ({
  kind: "call",
  label: label === undefined ? undefined : makeLabel(label),
  callee: makeIdentifier(callee),
  arguments: given.length > 0 ? given : undefined,
  span,
});

/** `first -> stage -> stage`; the first alone where there are no stages. */
export function makePipeline(
  first: Expression,
  stages: readonly StageExpression[],
): PipelineExpression | Expression {
  return stages.length === 0 ? first : { kind: "pipeline", first, stages, span };
}

export const makeBody = (statements: readonly Statement[]): Body => ({ statements, span });

export const makeResidual = (
  body: Body,
  shortcut?: Expression,
  label?: string,
): ResidualExpression => ({
  kind: "residual",
  label: label === undefined ? undefined : makeLabel(label),
  shortcut,
  body,
  span,
});

export const makeStatement = (expression: Expression): Statement => ({
  kind: "expression",
  expression,
  span,
});

export const makeLet = (names: readonly string[], value: Expression): LetStatement => ({
  kind: "let",
  names: names.map(makeIdentifier),
  value,
  span,
});

/** `name = 3`, `name = [0, 255]` or `name = word`. */
export const makeSetting = (name: string, value: number | string | readonly number[]): Setting => ({
  name: makeIdentifier(name),
  value:
    typeof value === "number"
      ? makeNumber(value)
      : typeof value === "string"
        ? makeCall(value)
        : makeList("list", value.map(makeNumber)),
  span,
});

/** `input label as alias: f32[…]`; the alias is left out where it is the label. */
export const makeInput = (
  label: string,
  alias: string,
  element: InputStatement["element"],
  shape: readonly number[],
  settings: readonly Setting[] = [],
): InputStatement => ({
  kind: "input",
  label: makeLabel(label),
  alias: alias === label ? undefined : makeIdentifier(alias),
  element,
  shape: shape.map(makeNumber),
  settings,
  span,
});

export const makeOutput = (label: string, value?: Expression): OutputStatement => ({
  kind: "output",
  label: makeLabel(label),
  value,
  span,
});

export const makeWeights = (path: string): WeightsStatement => ({
  kind: "weights",
  path: makeString(path),
  span,
});

/** `labels ["a", "b"]`. */
export const makeLabels = (labels: readonly string[]): LabelsStatement => ({
  kind: "labels",
  value: makeList("list", labels.map(makeString)),
  span,
});

export const makeParameter = (name: string): Parameter => ({
  name: makeIdentifier(name),
  default: undefined,
  span,
});

export const makeDefinition = (
  kind: DefinitionItem["kind"],
  name: string,
  parameters: readonly string[],
  statements: readonly Statement[],
): DefinitionItem => ({
  kind,
  name: makeIdentifier(name),
  parameters: parameters.map(makeParameter),
  body: makeBody(statements),
  span,
});

export const makeFile = (items: readonly DefinitionItem[]): SourceFile => ({
  file: "",
  items,
  comments: [],
  span,
});
