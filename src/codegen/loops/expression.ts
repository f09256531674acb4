import { InternalError } from "../../diagnostics/report.js";
import { foldBinary, foldUnary, isAddress, isComparison, isVector } from "./fold.js";
import type { BinaryOp, Conversion, Expr, Local, LoopType, UnaryOp } from "./types.js";

/** An expression, or a number that takes the type of what it meets. */
export type Operand = Expr | number;

/** A read of a local: what parameters, `let` and loops hand to a kernel, and what `set` assigns to. */
export type Variable = Extract<Expr, { readonly kind: "get" }>;

const fail = (message: string): never => {
  throw new InternalError(`loop IR: ${message}`);
};

/** A number of a type; in all lanes of a vector. */
export const constant = (type: LoopType, value: number): Expr => ({ kind: "const", type, value });
export const i32 = (value: number): Expr => constant("i32", value);
export const f32 = (value: number): Expr => constant("f32", value);
export const f64 = (value: number): Expr => constant("f64", value);

/** The value of a local. */
export const get = (local: Local): Variable => ({ kind: "get", type: local.type, local });

const typed = (type: LoopType, a: Operand): Expr => (typeof a === "number" ? constant(type, a) : a);

/** Both operands with one type; at least one must tell it. */
function pair(op: string, a: Operand, b: Operand): readonly [Expr, Expr] {
  const type = typeof a !== "number" ? a.type : typeof b !== "number" ? b.type : undefined;
  if (type === undefined) return fail(`${op} of two plain numbers has no type`);
  const [left, right] = [typed(type, a), typed(type, b)];
  if (left.type !== right.type) return fail(`${op} of ${left.type} and ${right.type}`);
  return [left, right];
}

/** An operation on two values of one type. */
export function binary(op: BinaryOp, a: Operand, b: Operand): Expr {
  const [left, right] = pair(op, a, b);
  if (isAddress(left.type) && !isComparison(op)) return fail(`${op} of addresses; use advance`);
  const mask: LoopType = isVector(left.type) ? "i32x4" : "i32";
  const type = isComparison(op) ? mask : left.type;
  if (left.kind === "const" && right.kind === "const") {
    const value = foldBinary(left.type, op, left.value, right.value);
    if (value !== undefined) return constant(type, value);
  }
  return { kind: "binary", type, op, a: left, b: right };
}

export const add = (a: Operand, b: Operand): Expr => binary("add", a, b);
export const sub = (a: Operand, b: Operand): Expr => binary("sub", a, b);
export const mul = (a: Operand, b: Operand): Expr => binary("mul", a, b);
export const div = (a: Operand, b: Operand): Expr => binary("div", a, b);
/** The remainder of i32 division towards zero. */
export const rem = (a: Operand, b: Operand): Expr => binary("rem", a, b);
/** IEEE minimum: NaN wins, −0 < 0. */
export const min = (a: Operand, b: Operand): Expr => binary("min", a, b);
/** IEEE maximum: NaN wins, −0 < 0. */
export const max = (a: Operand, b: Operand): Expr => binary("max", a, b);
/** `b < a ? b : a`. */
export const pmin = (a: Operand, b: Operand): Expr => binary("pmin", a, b);
/** `a < b ? b : a`. */
export const pmax = (a: Operand, b: Operand): Expr => binary("pmax", a, b);
/** Bitwise on i32 and masks, which makes it logical on comparisons. */
export const and = (a: Operand, b: Operand): Expr => binary("and", a, b);
export const or = (a: Operand, b: Operand): Expr => binary("or", a, b);
export const xor = (a: Operand, b: Operand): Expr => binary("xor", a, b);
export const pow = (a: Operand, b: Operand): Expr => binary("pow", a, b);
export const eq = (a: Operand, b: Operand): Expr => binary("eq", a, b);
export const ne = (a: Operand, b: Operand): Expr => binary("ne", a, b);
export const lt = (a: Operand, b: Operand): Expr => binary("lt", a, b);
export const le = (a: Operand, b: Operand): Expr => binary("le", a, b);
export const gt = (a: Operand, b: Operand): Expr => binary("gt", a, b);
export const ge = (a: Operand, b: Operand): Expr => binary("ge", a, b);

/** Shifts by a constant; of a vector, each lane. `shr` keeps the sign. */
export function shift(op: "shl" | "shr", a: Expr, by: number): Expr {
  if (a.type !== "i32" && a.type !== "i32x4") return fail(`${op} of ${a.type}`);
  return binary(op, a, by);
}

/** An operation on one value. */
export function unary(op: UnaryOp, a: Expr): Expr {
  if (isAddress(a.type)) return fail(`${op} of an address`);
  if (a.kind === "const") {
    const value = foldUnary(a.type, op, a.value);
    if (value !== undefined) return constant(a.type, value);
  }
  return { kind: "unary", type: a.type, op, a };
}

export const neg = (a: Expr): Expr => unary("neg", a);
export const abs = (a: Expr): Expr => unary("abs", a);
export const sqrt = (a: Expr): Expr => unary("sqrt", a);
export const floor = (a: Expr): Expr => unary("floor", a);
export const ceil = (a: Expr): Expr => unary("ceil", a);
/** To the nearest integer, ties to even. */
export const nearest = (a: Expr): Expr => unary("nearest", a);
/** Logical of an i32 (1 when it is 0, else 0), lane-wise of a mask. */
export const not = (a: Expr): Expr => unary("not", a);
export const exp = (a: Expr): Expr => unary("exp", a);
export const log = (a: Expr): Expr => unary("log", a);
export const tanh = (a: Expr): Expr => unary("tanh", a);
export const erf = (a: Expr): Expr => unary("erf", a);

/** `a · b + c` of floats; one of them must be an expression. */
export function mulAdd(a: Operand, b: Operand, c: Operand): Expr {
  const known = [a, b, c].find((operand) => typeof operand !== "number");
  if (known === undefined || typeof known === "number") return fail("mulAdd of plain numbers");
  const [x, y, z] = [typed(known.type, a), typed(known.type, b), typed(known.type, c)];
  if (x.type !== z.type || y.type !== z.type) {
    return fail(`mulAdd of ${x.type}, ${y.type} and ${z.type}`);
  }
  if (!["f32", "f64", "f32x4"].includes(z.type)) return fail(`mulAdd of ${z.type}`);
  return { kind: "mulAdd", type: z.type, a: x, b: y, c: z };
}

/** `condition ? a : b`: an i32 chooses whole values, a mask chooses lanes of vectors. */
export function select(condition: Expr, a: Operand, b: Operand): Expr {
  const [left, right] = pair("select", a, b);
  const fits = condition.type === "i32" || (condition.type === "i32x4" && isVector(left.type));
  if (!fits) return fail(`select of ${left.type} by ${condition.type}`);
  if (condition.kind === "const" && condition.type === "i32")
    return condition.value !== 0 ? left : right;
  return { kind: "select", type: left.type, condition, a: left, b: right };
}

const conversions: readonly (readonly [Conversion, LoopType, LoopType])[] = [
  ["convert", "i32", "f32"],
  ["convert", "i32x4", "f32x4"],
  ["convert", "f32", "f64"],
  ["convert", "f64", "f32"],
  ["truncate", "f32", "i32"],
  ["truncate", "f32x4", "i32x4"],
  ["reinterpret", "f32", "i32"],
  ["reinterpret", "i32", "f32"],
  ["reinterpret", "f32x4", "i32x4"],
  ["reinterpret", "i32x4", "f32x4"],
];

/** A value in another type; only the pairs that `Conversion` names exist. */
export function convert(how: Conversion, type: LoopType, a: Expr): Expr {
  if (!conversions.some(([h, from, to]) => h === how && from === a.type && to === type)) {
    return fail(`${how} of ${a.type} to ${type}`);
  }
  const exact = a.kind === "const" && a.type === "i32" && how === "convert";
  if (exact && Math.fround(a.value) === a.value) return constant(type, a.value);
  return { kind: "convert", type, how, a };
}

/** One value into all four lanes. */
export function splat(a: Expr): Expr {
  if (a.type !== "f32" && a.type !== "i32") return fail(`splat of ${a.type}`);
  const type = a.type === "f32" ? "f32x4" : "i32x4";
  return a.kind === "const" ? constant(type, a.value) : { kind: "splat", type, a };
}

/** One lane of a vector. */
export function lane(a: Expr, index: number): Expr {
  if (!isVector(a.type)) return fail(`lane of ${a.type}`);
  return { kind: "lane", type: a.type === "f32x4" ? "f32" : "i32", a, lane: index };
}

/** Four lanes of two vectors: 0-3 of `a`, 4-7 of `b`. */
export function shuffle(a: Expr, b: Expr, lanes: readonly [number, number, number, number]): Expr {
  if (a.type !== "f32x4" || b.type !== "f32x4") return fail(`shuffle of ${a.type} and ${b.type}`);
  return { kind: "shuffle", type: "f32x4", a, b, lanes };
}

/** An address as a base and a constant distance from it, in elements. */
function split(address: Expr): { readonly base: Expr; readonly distance: number } {
  if (address.kind === "advance" && address.by.kind === "const") {
    return { base: address.base, distance: address.by.value * address.scale };
  }
  return { base: address, distance: 0 };
}

function advanceBy(base: Expr, distance: number): Expr {
  if (!isAddress(base.type)) return fail(`advance of ${base.type}`);
  if (base.kind === "const") return constant(base.type, base.value + distance);
  if (distance === 0) return base;
  return { kind: "advance", type: base.type, base, by: i32(distance), scale: 1 };
}

/**
 * `base + by · scale`, in elements. Constant distances are gathered at the outside, so that a load or
 * store of the result takes them as its offset.
 */
export function advance(base: Expr, by: Operand, scale = 1): Expr {
  const type = base.type;
  if (!isAddress(type)) return fail(`advance of ${type}`);
  const start = split(base);
  if (typeof by === "number") return advanceBy(start.base, start.distance + by * scale);
  if (by.type !== "i32") return fail(`advance by ${by.type}`);
  if (by.kind === "const") return advanceBy(start.base, start.distance + by.value * scale);
  if (scale === 0) return base;
  return advanceBy({ kind: "advance", type, base: start.base, by, scale }, start.distance);
}

/** An address and an offset such that the offset takes all of the constant distance it can. */
export function place(
  address: Expr,
  offset: number,
): { readonly address: Expr; readonly offset: number } {
  const { base, distance } = split(address);
  const whole = distance + offset;
  if (whole >= 0) return { address: base, offset: whole };
  return { address: advanceBy(base, whole), offset: 0 };
}

/** `f32`, `f32x4` at `offset` floats behind an address of floats; a byte as `i32` from one of bytes. */
export function load(type: "f32" | "f32x4" | "i32", from: Expr, offset = 0): Expr {
  const wanted = type === "i32" ? "bytes" : "floats";
  if (from.type !== wanted) return fail(`load of ${type} from ${from.type}`);
  return { kind: "load", type, ...place(from, offset) };
}

/** One f32 at `offset` floats behind an address, in all four lanes. */
export function loadSplat(from: Expr, offset = 0): Expr {
  if (from.type !== "floats") return fail(`loadSplat from ${from.type}`);
  return { kind: "loadSplat", type: "f32x4", ...place(from, offset) };
}
