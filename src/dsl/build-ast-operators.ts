import type { IToken } from "chevrotain";
import type { BinaryOperator, Expression } from "./ast.js";
import type { BuildContext } from "./build-ast-context.js";
import { spanAcross, spanOfToken } from "./cst.js";

/** A row of operators and operands as written: signs, operands, and what stands between them. */
export type Term =
  | { readonly kind: "prefix" | "binary"; readonly token: IToken }
  | { readonly kind: "operand"; readonly value: Expression };

/** How tightly an operator holds its operands. */
export const binaryPrecedence: Readonly<Record<BinaryOperator, number>> = {
  "..": 0,
  or: 1,
  and: 2,
  "==": 4,
  "!=": 4,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};

/** `not` holds less than a comparison, `-` more than any operator between operands. */
export const prefixPrecedence: Readonly<Record<"-" | "not", number>> = { not: 3, "-": 7 };

/** Operators that may not follow one another without parentheses: `a < b < c`, `a..b..c`. */
export const isChainable = (precedence: number): boolean => precedence !== 0 && precedence !== 4;

type Pending =
  | { kind: "prefix"; operator: "-" | "not"; token: IToken; precedence: number }
  | { kind: "binary"; operator: BinaryOperator; token: IToken; precedence: number };

/** Turns a row of terms into a tree by precedence, without recursion: rows may be long. */
export function combine(context: BuildContext, terms: readonly Term[]): Expression | undefined {
  const operands: Expression[] = [];
  const pending: Pending[] = [];
  for (const term of terms) {
    if (term.kind === "operand") operands.push(term.value);
    else if (term.kind === "prefix") pending.push(prefix(context, term.token, pending.at(-1)));
    else pushBinary(context, term.token, operands, pending);
  }
  while (pending.length > 0) reduce(context, operands, pending.pop()!);
  return operands[0];
}

function prefix(context: BuildContext, token: IToken, outer: Pending | undefined): Pending {
  const operator = token.image === "-" ? "-" : "not";
  const precedence = prefixPrecedence[operator];
  if (outer && outer.precedence > precedence) {
    const span = spanOfToken(context.file, token);
    context.report.add("not-needs-parentheses", { operator: outer.token.image }, { span });
  }
  return { kind: "prefix", operator, token, precedence };
}

function pushBinary(
  context: BuildContext,
  token: IToken,
  operands: Expression[],
  pending: Pending[],
): void {
  const operator = binaryOperator(context, token);
  const precedence = binaryPrecedence[operator];
  for (let top = pending.at(-1); top && top.precedence >= precedence; top = pending.at(-1)) {
    if (top.kind === "binary" && top.precedence === precedence && !isChainable(precedence)) {
      const details = { first: top.operator, second: operator };
      context.report.add("chained-comparison", details, { span: spanOfToken(context.file, token) });
    }
    reduce(context, operands, pending.pop()!);
  }
  pending.push({ kind: "binary", operator, token, precedence });
}

/** Makes the operator's node of the operands on the stack; one that is missing was reported. */
function reduce(
  context: BuildContext,
  operands: Expression[],
  { kind, operator, token }: Pending,
): void {
  const right = operands.pop();
  if (!right) return;
  if (kind === "prefix") {
    const span = spanAcross(spanOfToken(context.file, token), right.span);
    operands.push({ kind: "unary", operator, operand: right, span });
    return;
  }
  const left = operands.pop();
  const span = left && spanAcross(left.span, right.span);
  operands.push(left && span ? { kind: "binary", operator, left, right, span } : right);
}

const operators: readonly BinaryOperator[] = [
  ...(["..", "or", "and", "==", "!=", "<", "<=", ">", ">="] as const),
  ...(["+", "-", "*", "/", "%"] as const),
];

const operatorByText = new Map<string, BinaryOperator>([
  ...operators.map((operator) => [operator, operator] as const),
  ["&&", "and"],
  ["||", "or"],
]);

/** The operator that a token stands for; `=`, `&&` and `||` are read as what was meant. */
function binaryOperator(context: BuildContext, token: IToken): BinaryOperator {
  const operator = operatorByText.get(token.image);
  if (operator) return operator;
  context.report.add("single-equals", {}, { span: spanOfToken(context.file, token) });
  return "==";
}
