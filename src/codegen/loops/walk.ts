import { branch } from "./branch.js";
import type { Expr, Stmt } from "./types.js";

/** The direct operands of an expression, in order of evaluation. */
function operandsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "const":
    case "get":
      return [];
    case "unary":
    case "splat":
    case "lane":
    case "convert":
      return [expr.a];
    case "binary":
    case "shuffle":
      return [expr.a, expr.b];
    case "mulAdd":
      return [expr.a, expr.b, expr.c];
    case "load":
    case "loadSplat":
      return [expr.address];
    case "select":
      return [expr.a, expr.b, expr.condition];
    case "advance":
      return [expr.base, expr.by];
  }
}

/** The expression with every direct operand replaced; the same object when nothing changes. */
export function mapOperands(expr: Expr, f: (operand: Expr) => Expr): Expr {
  const before = operandsOf(expr);
  const after = before.map(f);
  if (after.every((operand, i) => operand === before[i])) return expr;
  return withOperands(expr, after);
}

function withOperands(expr: Expr, operands: readonly Expr[]): Expr {
  const [x = expr, y = expr, z = expr] = operands;
  switch (expr.kind) {
    case "const":
    case "get":
      return expr;
    case "unary":
    case "splat":
    case "lane":
    case "convert":
      return { ...expr, a: x };
    case "binary":
    case "shuffle":
      return { ...expr, a: x, b: y };
    case "mulAdd":
      return { ...expr, a: x, b: y, c: z };
    case "load":
    case "loadSplat":
      return { ...expr, address: x };
    case "select":
      return { ...expr, a: x, b: y, condition: z };
    case "advance":
      return { ...expr, base: x, by: y };
  }
}

/** The expressions that a statement evaluates itself, those of nested statements not counted. */
export function expressionsOf(statement: Stmt): readonly Expr[] {
  switch (statement.kind) {
    case "comment":
      return [];
    case "set":
      return [statement.value];
    case "store":
      return [statement.address, statement.value];
    case "for":
      return [statement.from, statement.to];
    case "if":
      return [statement.condition];
  }
}

/** The statement with its own expressions replaced. */
export function mapExpressions(statement: Stmt, f: (expr: Expr) => Expr): Stmt {
  switch (statement.kind) {
    case "comment":
      return statement;
    case "set":
      return { ...statement, value: f(statement.value) };
    case "store":
      return { ...statement, address: f(statement.address), value: f(statement.value) };
    case "for":
      return { ...statement, from: f(statement.from), to: f(statement.to) };
    case "if":
      return branch(f(statement.condition), statement.then, statement.otherwise);
  }
}

/** The blocks nested in a statement. */
export function blocksOf(statement: Stmt): readonly (readonly Stmt[])[] {
  if (statement.kind === "for") return [statement.body];
  return statement.kind === "if" ? [statement.then, statement.otherwise] : [];
}

/** Visits an expression and everything below it. */
export function eachExpression(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const operand of operandsOf(expr)) eachExpression(operand, visit);
}

/** Visits every statement, outer ones before those nested in them. */
export function eachStatement(body: readonly Stmt[], visit: (statement: Stmt) => void): void {
  for (const statement of body) {
    visit(statement);
    for (const block of blocksOf(statement)) eachStatement(block, visit);
  }
}

/** Names of the locals that an expression reads. */
export function localsRead(expr: Expr): Set<string> {
  const names = new Set<string>();
  eachExpression(expr, (part) => {
    if (part.kind === "get") names.add(part.local.name);
  });
  return names;
}

/** Names of the locals that statements assign, counters of loops included. */
export function localsSet(body: readonly Stmt[]): Set<string> {
  const names = new Set<string>();
  eachStatement(body, (statement) => {
    if (statement.kind === "set" || statement.kind === "for") names.add(statement.local.name);
  });
  return names;
}

/** Names of the locals that statements read, nested ones included. */
export function localsReadBy(body: readonly Stmt[]): Set<string> {
  const names = new Set<string>();
  eachStatement(body, (statement) => {
    for (const expr of expressionsOf(statement)) {
      for (const name of localsRead(expr)) names.add(name);
    }
  });
  return names;
}
