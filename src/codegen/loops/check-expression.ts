import { isComparison, isVector } from "./fold.js";
import type { BinaryOp, Expr, LoopType, UnaryOp } from "./types.js";

const floats: readonly LoopType[] = ["f32", "f64", "f32x4"];
const numbers: readonly LoopType[] = [...floats, "i32", "i32x4"];
const integers: readonly LoopType[] = ["i32", "i32x4"];
const singles: readonly LoopType[] = ["f32", "f32x4"];

const unaryTypes: { readonly [K in UnaryOp]: readonly LoopType[] } = {
  neg: numbers,
  abs: numbers,
  sqrt: floats,
  floor: floats,
  ceil: floats,
  nearest: floats,
  not: integers,
  exp: singles,
  log: singles,
  tanh: singles,
  erf: singles,
};

const binaryTypes: { readonly [K in BinaryOp]: readonly LoopType[] } = {
  add: numbers,
  sub: numbers,
  mul: numbers,
  div: [...floats, "i32"],
  rem: ["i32"],
  min: numbers,
  max: numbers,
  pmin: numbers,
  pmax: numbers,
  and: integers,
  or: integers,
  xor: integers,
  shl: integers,
  shr: integers,
  pow: singles,
  eq: [...numbers, "floats", "bytes"],
  ne: [...numbers, "floats", "bytes"],
  lt: [...numbers, "floats", "bytes"],
  le: [...numbers, "floats", "bytes"],
  gt: [...numbers, "floats", "bytes"],
  ge: [...numbers, "floats", "bytes"],
};

const conversions: ReadonlySet<string> = new Set([
  "convert i32 f32",
  "convert i32x4 f32x4",
  "convert f32 f64",
  "convert f64 f32",
  "truncate f32 i32",
  "truncate f32x4 i32x4",
  "reinterpret f32 i32",
  "reinterpret i32 f32",
  "reinterpret f32x4 i32x4",
  "reinterpret i32x4 f32x4",
]);

const isOffset = (offset: number): boolean => Number.isInteger(offset) && offset >= 0;
const isInt32 = (value: number): boolean => (value | 0) === value;

function constantFault(type: LoopType, value: number): string | undefined {
  const integer = type === "i32" || type === "i32x4";
  if (integer && !isInt32(value)) return `constant ${value} is no i32`;
  const address = type === "floats" || type === "bytes";
  return address && !isOffset(value) ? `constant ${value} is no address` : undefined;
}

function binaryFault(expr: Extract<Expr, { readonly kind: "binary" }>): string | undefined {
  const { a, b, op, type } = expr;
  if (a.type !== b.type) return `${op} of ${a.type} and ${b.type}`;
  if (!binaryTypes[op].includes(a.type)) return `${op} of ${a.type}`;
  const mask = isVector(a.type) ? "i32x4" : "i32";
  if (type !== (isComparison(op) ? mask : a.type)) return `${op} of ${a.type} gives no ${type}`;
  const shifts = op === "shl" || op === "shr";
  return shifts && isVector(a.type) && b.kind !== "const"
    ? `${op} of lanes by a variable`
    : undefined;
}

function loadFault(
  expr: Extract<Expr, { readonly kind: "load" | "loadSplat" }>,
): string | undefined {
  const wanted = expr.type === "i32" ? "bytes" : "floats";
  if (!["i32", "f32", "f32x4"].includes(expr.type)) return `load of ${expr.type}`;
  if (expr.address.type !== wanted) return `load of ${expr.type} from ${expr.address.type}`;
  return isOffset(expr.offset) ? undefined : `load at offset ${expr.offset}`;
}

function selectFault(expr: Extract<Expr, { readonly kind: "select" }>): string | undefined {
  const { condition, a, b, type } = expr;
  if (a.type !== type || b.type !== type) return `select of ${a.type} and ${b.type}`;
  const fits = condition.type === "i32" || (condition.type === "i32x4" && isVector(type));
  return fits ? undefined : `select of ${type} by ${condition.type}`;
}

function lanesFault(
  expr: Extract<Expr, { readonly kind: "lane" | "shuffle" | "splat" }>,
): string | undefined {
  if (expr.kind === "splat") {
    const fits = expr.a.type === (expr.type === "f32x4" ? "f32" : "i32");
    return fits ? undefined : `splat of ${expr.a.type} to ${expr.type}`;
  }
  if (expr.kind === "lane") {
    const fits = expr.a.type === (expr.type === "f32" ? "f32x4" : "i32x4");
    return fits && [0, 1, 2, 3].includes(expr.lane)
      ? undefined
      : `lane ${expr.lane} of ${expr.a.type}`;
  }
  const fits = expr.a.type === "f32x4" && expr.b.type === "f32x4" && expr.lanes.length === 4;
  const inside = expr.lanes.every((lane) => isOffset(lane) && lane < 8);
  return fits && inside ? undefined : `shuffle of lanes ${expr.lanes}`;
}

/** What is wrong with an expression itself, its operands taken as right; undefined when nothing is. */
export function expressionFault(expr: Expr): string | undefined {
  switch (expr.kind) {
    case "const":
      return constantFault(expr.type, expr.value);
    case "get":
      return expr.local.type === expr.type ? undefined : `${expr.local.name} read as ${expr.type}`;
    case "unary": {
      const fits = expr.a.type === expr.type && unaryTypes[expr.op].includes(expr.type);
      return fits ? undefined : `${expr.op} of ${expr.a.type}`;
    }
    case "binary":
      return binaryFault(expr);
    case "mulAdd": {
      const fits = [expr.a, expr.b, expr.c].every((operand) => operand.type === expr.type);
      return fits && floats.includes(expr.type) ? undefined : `mulAdd of ${expr.a.type}`;
    }
    case "load":
    case "loadSplat":
      return loadFault(expr);
    case "splat":
    case "lane":
    case "shuffle":
      return lanesFault(expr);
    case "select":
      return selectFault(expr);
    case "convert": {
      const known = conversions.has(`${expr.how} ${expr.a.type} ${expr.type}`);
      return known ? undefined : `${expr.how} of ${expr.a.type} to ${expr.type}`;
    }
    case "advance": {
      const fits = expr.base.type === expr.type && expr.by.type === "i32" && isInt32(expr.scale);
      return fits ? undefined : `advance of ${expr.base.type} by ${expr.by.type} · ${expr.scale}`;
    }
  }
}
