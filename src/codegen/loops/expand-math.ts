import { branch } from "./branch.js";
import { errorFunction, exponential, hyperbolicTangent, logarithm } from "./elementary.js";
import { MathScope } from "./math-scope.js";
import { power } from "./power.js";
import type { Expr, LoopFunction, Stmt, UnaryOp } from "./types.js";
import {
  eachExpression,
  eachStatement,
  expressionsOf,
  mapExpressions,
  mapOperands,
} from "./walk.js";

type Expansion = (scope: MathScope, x: Expr) => Expr;

const expansions: { readonly [K in UnaryOp]?: Expansion } = {
  exp: exponential,
  log: logarithm,
  tanh: hyperbolicTangent,
  erf: errorFunction,
};

/** Whether an expression itself is one that WebAssembly has no instructions for. */
const isMath = (expr: Expr): boolean =>
  (expr.kind === "unary" && expansions[expr.op] !== undefined) ||
  (expr.kind === "binary" && expr.op === "pow");

function usesMath(body: readonly Stmt[]): boolean {
  let found = false;
  eachStatement(body, (statement) => {
    for (const expr of expressionsOf(statement)) {
      eachExpression(expr, (part) => {
        found ||= isMath(part);
      });
    }
  });
  return found;
}

/** The expression with its mathematics computed before it; equal objects are computed once. */
function expandExpression(expr: Expr, scope: MathScope, done: Map<Expr, Expr>): Expr {
  const known = done.get(expr);
  if (known) return known;
  const inner = mapOperands(expr, (operand) => expandExpression(operand, scope, done));
  let value = inner;
  if (inner.kind === "unary") {
    const expansion = expansions[inner.op];
    if (expansion) value = scope.result(`${inner.op}_of`, expansion(scope, inner.a));
  } else if (inner.kind === "binary" && inner.op === "pow") {
    value = scope.result("pow_of", power(scope, inner.a, inner.b));
  }
  done.set(expr, value);
  return value;
}

function expandBlock(body: readonly Stmt[], scope: MathScope): readonly Stmt[] {
  return body.flatMap((statement) => {
    const done = new Map<Expr, Expr>();
    const outer = mapExpressions(statement, (expr) => expandExpression(expr, scope, done));
    const before = scope.take();
    return [...before, expandNested(outer, scope)];
  });
}

function expandNested(statement: Stmt, scope: MathScope): Stmt {
  if (statement.kind === "for") return { ...statement, body: expandBlock(statement.body, scope) };
  if (statement.kind !== "if") return statement;
  const { condition, then, otherwise } = statement;
  return branch(condition, expandBlock(then, scope), expandBlock(otherwise, scope));
}

/**
 * Replaces `exp`, `log`, `tanh`, `erf` and `pow` by arithmetic that WebAssembly has, at most 4 ulp from
 * the true value, with the special values of `Math`. A function without them is returned as it is.
 */
export function expandMath(source: LoopFunction): LoopFunction {
  if (!usesMath(source.body)) return source;
  return { ...source, body: expandBlock(source.body, new MathScope(source)) };
}
