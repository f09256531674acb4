import { branch } from "./branch.js";
import {
  advance,
  binary,
  constant,
  convert,
  load,
  loadSplat,
  place,
  select,
  splat,
  unary,
} from "./expression.js";
import { isComparison } from "./fold.js";
import { tripCount } from "./trips.js";
import type { Expr, LoopFunction, LoopModule, Stmt } from "./types.js";
import { eachStatement, expressionsOf, localsRead, mapExpressions, mapOperands } from "./walk.js";

const isNumber = (expr: Expr, value: number): boolean =>
  expr.kind === "const" && Object.is(expr.value, value);

/** Operands that leave the other one as it is, bit for bit: `x * 1`, `x / 1`, and `x + 0` of integers. */
function withoutNeutral(expr: Extract<Expr, { readonly kind: "binary" }>): Expr {
  const { op, a, b } = expr;
  const integer = a.type === "i32" || a.type === "i32x4";
  const zero = integer ? 0 : -0;
  if (op === "mul") {
    if (isNumber(b, 1)) return a;
    if (isNumber(a, 1)) return b;
    if (integer && (isNumber(a, 0) || isNumber(b, 0))) return constant(a.type, 0);
  }
  if (op === "div" && isNumber(b, 1)) return a;
  if (op === "add" && isNumber(b, zero)) return a;
  if (op === "add" && isNumber(a, zero)) return b;
  if (op === "sub" && isNumber(b, 0)) return a;
  return expr;
}

/** The expression with constants folded, as the constructors do it, and neutral operands left out. */
function simplifyExpression(expr: Expr): Expr {
  const inner = mapOperands(expr, simplifyExpression);
  switch (inner.kind) {
    case "binary": {
      const folded = binary(inner.op, inner.a, inner.b);
      return folded.kind === "binary" && !isComparison(folded.op) ? withoutNeutral(folded) : folded;
    }
    case "unary":
      return unary(inner.op, inner.a);
    case "select":
      return select(inner.condition, inner.a, inner.b);
    case "convert":
      return convert(inner.how, inner.type, inner.a);
    case "splat":
      return splat(inner.a);
    case "advance":
      return advance(inner.base, inner.by, inner.scale);
    case "load": {
      const { type, address, offset } = inner;
      return type === "f32" || type === "f32x4" || type === "i32"
        ? load(type, address, offset)
        : inner;
    }
    case "loadSplat":
      return loadSplat(inner.address, inner.offset);
    default:
      return inner;
  }
}

/** Loops that never run go, loops that run once become their body; so do decided branches. */
function simplifyStatement(statement: Stmt): readonly Stmt[] {
  const outer = mapExpressions(statement, simplifyExpression);
  if (outer.kind === "store") return [{ ...outer, ...place(outer.address, outer.offset) }];
  if (outer.kind === "for") {
    const body = simplifyBlock(outer.body);
    const trips = tripCount(outer);
    if (trips === 0 || body.length === 0) return [];
    const { local, from } = outer;
    return trips === 1 ? [{ kind: "set", local, value: from }, ...body] : [{ ...outer, body }];
  }
  if (outer.kind !== "if") return [outer];
  const [then, otherwise] = [simplifyBlock(outer.then), simplifyBlock(outer.otherwise)];
  if (outer.condition.kind === "const") return outer.condition.value !== 0 ? then : otherwise;
  if (then.length + otherwise.length === 0) return [];
  return [branch(outer.condition, then, otherwise)];
}

const simplifyBlock = (body: readonly Stmt[]): readonly Stmt[] => body.flatMap(simplifyStatement);

/** Locals that something else than their own assignments reads. */
function localsReadByOthers(body: readonly Stmt[]): Set<string> {
  const names = new Set<string>();
  eachStatement(body, (statement) => {
    const own = statement.kind === "set" ? statement.local.name : undefined;
    for (const expr of expressionsOf(statement)) {
      for (const name of localsRead(expr)) if (name !== own) names.add(name);
    }
  });
  return names;
}

/** Leaves out assignments to locals that nothing reads, until none are left. */
function withoutDeadSets(body: readonly Stmt[]): readonly Stmt[] {
  const read = localsReadByOthers(body);
  const dead = [...localsAssigned(body)].some((name) => !read.has(name));
  return dead ? withoutDeadSets(withoutSets(body, read)) : body;
}

function localsAssigned(body: readonly Stmt[]): Set<string> {
  const names = new Set<string>();
  eachStatement(body, (statement) => {
    if (statement.kind === "set") names.add(statement.local.name);
  });
  return names;
}

function withoutSets(body: readonly Stmt[], read: ReadonlySet<string>): readonly Stmt[] {
  return body.flatMap((statement): readonly Stmt[] => {
    if (statement.kind === "set") return read.has(statement.local.name) ? [statement] : [];
    if (statement.kind === "for") {
      return [{ ...statement, body: withoutSets(statement.body, read) }];
    }
    if (statement.kind !== "if") return [statement];
    const { condition, then, otherwise } = statement;
    return [branch(condition, withoutSets(then, read), withoutSets(otherwise, read))];
  });
}

/** A local that is set once, from a constant or a parameter that stays, is replaced by it. */
function withCopiesRead(source: LoopFunction): LoopFunction {
  const sets = new Map<string, number>();
  const copies = new Map<string, Expr>();
  eachStatement(source.body, (statement) => {
    if (statement.kind !== "set" && statement.kind !== "for") return;
    const { name } = statement.local;
    sets.set(name, (sets.get(name) ?? 0) + 1);
    if (statement.kind === "set") copies.set(name, statement.value);
  });
  const params = new Set(source.params.map((param) => param.name));
  const isStable = (expr: Expr): boolean =>
    expr.kind === "const" ||
    (expr.kind === "get" && params.has(expr.local.name) && !sets.has(expr.local.name));
  const read = (expr: Expr): Expr => {
    if (expr.kind !== "get") return mapOperands(expr, read);
    const copy = copies.get(expr.local.name);
    const once = sets.get(expr.local.name) === 1 && !params.has(expr.local.name);
    return copy && once && isStable(copy) ? copy : expr;
  };
  const block = (body: readonly Stmt[]): readonly Stmt[] =>
    body.map((statement) => {
      const outer = mapExpressions(statement, read);
      if (outer.kind === "for") return { ...outer, body: block(outer.body) };
      return outer.kind === "if"
        ? branch(outer.condition, block(outer.then), block(outer.otherwise))
        : outer;
    });
  return { ...source, body: block(source.body) };
}

/**
 * The same function with less in it: constants folded, neutral operands and dead assignments left out,
 * loops of no pass removed, loops of one pass turned into their body. Computes the same, bit for bit.
 */
export function simplifyFunction(source: LoopFunction): LoopFunction {
  const straight = withCopiesRead({ ...source, body: simplifyBlock(source.body) });
  const body = simplifyBlock(withoutDeadSets(straight.body));
  return { ...source, body: withoutDeadSets(body) };
}

/** The module with every function simplified. */
export const simplifyModule = (loops: LoopModule): LoopModule => ({
  ...loops,
  functions: loops.functions.map(simplifyFunction),
});
