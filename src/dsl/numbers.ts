import type { BinaryOperator } from "./ast.js";
import {
  bool,
  type Datum,
  float,
  int,
  isNumeric,
  itemOf,
  lengthOf,
  type Numeric,
} from "./values.js";

/** What went wrong with numbers; the caller adds the place. */
export type Trouble =
  | { readonly name: "division-by-zero"; readonly details: { expression: string } }
  | { readonly name: "number-out-of-range"; readonly details: { expression: string } }
  | { readonly name: "not-whole"; readonly details: { where: string; value: string } };

export type Outcome = Datum | Trouble;

export const isTrouble = (outcome: Outcome): outcome is Trouble => "name" in outcome;

/** A number, kept an int while it is exact; what is no number any more is trouble. */
function numberOf(value: number, whole: boolean, expression: string): Outcome {
  const fine = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!fine) return { name: "number-out-of-range", details: { expression } };
  return whole ? int(value === 0 ? 0 : value) : float(value);
}

const wholes = (left: Numeric, right: Numeric): boolean =>
  left.kind === "int" && right.kind === "int";

const isWhole = (n: Numeric): boolean => Number.isSafeInteger(n.value);

function wholeOperands(operator: string, left: Numeric, right: Numeric): Trouble | undefined {
  const bad = [left, right].find((n) => !isWhole(n));
  return (
    bad && { name: "not-whole", details: { where: `'${operator}'`, value: String(bad.value) } }
  );
}

/** `+ - * / %` and `..` on numbers. */
export function arithmetic(operator: BinaryOperator, left: Numeric, right: Numeric): Outcome {
  const [a, b] = [left.value, right.value];
  const expression = `${a} ${operator} ${b}`;
  if ((operator === "/" || operator === "%") && b === 0) {
    return { name: "division-by-zero", details: { expression } };
  }
  switch (operator) {
    case "+":
      return numberOf(a + b, wholes(left, right), expression);
    case "-":
      return numberOf(a - b, wholes(left, right), expression);
    case "*":
      return numberOf(a * b, wholes(left, right), expression);
    case "/":
      return numberOf(a / b, Number.isSafeInteger(a / b), expression);
    case "%":
      return wholeOperands("%", left, right) ?? numberOf(((a % b) + b) % b, true, expression);
    default:
      return wholeOperands("..", left, right) ?? { kind: "range", from: a, to: b };
  }
}

/** `< <= > >=` on numbers. */
function ordered(operator: BinaryOperator, a: number, b: number): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

const family = (datum: Datum): string =>
  isNumeric(datum) ? "number" : datum.kind === "range" ? "list" : datum.kind;

/**
 * Whether two data are equal; undefined when they cannot be compared. `step` is called for every
 * pair looked at, so that the caller can stop a comparison without end.
 */
export function equal(left: Datum, right: Datum, step: () => void): boolean | undefined {
  step();
  if (family(left) !== family(right)) return undefined;
  if (left.kind === "tensor" || left.kind === "unknown") return undefined;
  if (left.kind === "size" && right.kind === "size") {
    return left.height === right.height && left.width === right.width;
  }
  if (family(left) !== "list")
    return "value" in left && "value" in right && left.value === right.value;
  if (lengthOf(left) !== lengthOf(right)) return false;
  let same: boolean | undefined = true;
  for (let index = 0; index < lengthOf(left) && same; index++) {
    same = equal(itemOf(left, index), itemOf(right, index), step);
  }
  return same;
}

const roundHalfAway = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

/** MobileNet's channel rounding: the nearest multiple of `by`, never under 90 % of `x`. */
function divisible(x: number, by: number): number {
  const rounded = Math.max(by, Math.floor((x + by / 2) / by) * by);
  return rounded < 0.9 * x ? rounded + by : rounded;
}

interface NumberFunction {
  readonly parameters: readonly string[];
  /** Takes any number of arguments, at least two. */
  readonly variadic?: boolean;
  apply(values: readonly Numeric[], expression: string): Outcome;
}

const rounding = (round: (x: number) => number): NumberFunction => ({
  parameters: ["x"],
  apply: ([x], expression) => numberOf(round(x?.value ?? 0), true, expression),
});

const choosing = (choose: (a: number, b: number) => number): NumberFunction => ({
  parameters: [],
  variadic: true,
  apply: (values, expression) => {
    const whole = values.every((n) => n.kind === "int");
    const chosen = values.map((n) => n.value).reduce((a, b) => choose(a, b));
    return numberOf(chosen, whole, expression);
  },
});

/** The functions of numbers, by name. `min` and `max` are merges too, when given tensors. */
export const numberFunctions: ReadonlyMap<string, NumberFunction> = new Map<string, NumberFunction>(
  [
    ["min", choosing(Math.min)],
    ["max", choosing(Math.max)],
    [
      "abs",
      {
        parameters: ["x"],
        apply: ([x], expression) =>
          numberOf(Math.abs(x?.value ?? 0), x?.kind === "int", expression),
      },
    ],
    ["floor", rounding(Math.floor)],
    ["ceil", rounding(Math.ceil)],
    ["round", rounding(roundHalfAway)],
    [
      "sqrt",
      {
        parameters: ["x"],
        apply: ([x], expression) => {
          const root = Math.sqrt(x?.value ?? 0);
          return numberOf(root, Number.isSafeInteger(root), expression);
        },
      },
    ],
    [
      "divisible",
      {
        parameters: ["x", "by"],
        apply: ([x, by], expression) => {
          if (by && !isWhole(by)) {
            return {
              name: "not-whole",
              details: { where: "'by' of divisible", value: String(by.value) },
            };
          }
          if (!by || by.value === 0) return { name: "division-by-zero", details: { expression } };
          return numberOf(divisible(x?.value ?? 0, by.value), true, expression);
        },
      },
    ],
  ],
);

export const compared = (operator: BinaryOperator, left: Numeric, right: Numeric): Datum =>
  bool(ordered(operator, left.value, right.value));
