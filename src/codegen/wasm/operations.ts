import type binaryen from "binaryen";
import { InternalError } from "../../diagnostics/report.js";
import type { BinaryOp, Conversion, LoopType, UnaryOp } from "../loops/types.js";

type Module = binaryen.Module;
type Ref = binaryen.ExpressionRef;
type Two = (m: Module, a: Ref, b: Ref) => Ref;
type One = (m: Module, a: Ref) => Ref;
/** How WebAssembly sees a type: addresses are unsigned i32. */
type Machine = "i32" | "u32" | "f32" | "f64" | "f32x4" | "i32x4";

const machine = (type: LoopType): Machine => (type === "floats" || type === "bytes" ? "u32" : type);

const scalarFloat = (type: "f32" | "f64"): { readonly [K in BinaryOp]?: Two } => ({
  add: (m, a, b) => m[type].add(a, b),
  sub: (m, a, b) => m[type].sub(a, b),
  mul: (m, a, b) => m[type].mul(a, b),
  div: (m, a, b) => m[type].div(a, b),
  min: (m, a, b) => m[type].min(a, b),
  max: (m, a, b) => m[type].max(a, b),
  eq: (m, a, b) => m[type].eq(a, b),
  ne: (m, a, b) => m[type].ne(a, b),
  lt: (m, a, b) => m[type].lt(a, b),
  le: (m, a, b) => m[type].le(a, b),
  gt: (m, a, b) => m[type].gt(a, b),
  ge: (m, a, b) => m[type].ge(a, b),
});

const twos: { readonly [M in Machine]: { readonly [K in BinaryOp]?: Two } } = {
  f32: scalarFloat("f32"),
  f64: scalarFloat("f64"),
  i32: {
    add: (m, a, b) => m.i32.add(a, b),
    sub: (m, a, b) => m.i32.sub(a, b),
    mul: (m, a, b) => m.i32.mul(a, b),
    div: (m, a, b) => m.i32.div_s(a, b),
    rem: (m, a, b) => m.i32.rem_s(a, b),
    and: (m, a, b) => m.i32.and(a, b),
    or: (m, a, b) => m.i32.or(a, b),
    xor: (m, a, b) => m.i32.xor(a, b),
    shl: (m, a, b) => m.i32.shl(a, b),
    shr: (m, a, b) => m.i32.shr_s(a, b),
    eq: (m, a, b) => m.i32.eq(a, b),
    ne: (m, a, b) => m.i32.ne(a, b),
    lt: (m, a, b) => m.i32.lt_s(a, b),
    le: (m, a, b) => m.i32.le_s(a, b),
    gt: (m, a, b) => m.i32.gt_s(a, b),
    ge: (m, a, b) => m.i32.ge_s(a, b),
  },
  u32: {
    eq: (m, a, b) => m.i32.eq(a, b),
    ne: (m, a, b) => m.i32.ne(a, b),
    lt: (m, a, b) => m.i32.lt_u(a, b),
    le: (m, a, b) => m.i32.le_u(a, b),
    gt: (m, a, b) => m.i32.gt_u(a, b),
    ge: (m, a, b) => m.i32.ge_u(a, b),
  },
  f32x4: {
    add: (m, a, b) => m.f32x4.add(a, b),
    sub: (m, a, b) => m.f32x4.sub(a, b),
    mul: (m, a, b) => m.f32x4.mul(a, b),
    div: (m, a, b) => m.f32x4.div(a, b),
    min: (m, a, b) => m.f32x4.min(a, b),
    max: (m, a, b) => m.f32x4.max(a, b),
    pmin: (m, a, b) => m.f32x4.pmin(a, b),
    pmax: (m, a, b) => m.f32x4.pmax(a, b),
    eq: (m, a, b) => m.f32x4.eq(a, b),
    ne: (m, a, b) => m.f32x4.ne(a, b),
    lt: (m, a, b) => m.f32x4.lt(a, b),
    le: (m, a, b) => m.f32x4.le(a, b),
    gt: (m, a, b) => m.f32x4.gt(a, b),
    ge: (m, a, b) => m.f32x4.ge(a, b),
  },
  i32x4: {
    add: (m, a, b) => m.i32x4.add(a, b),
    sub: (m, a, b) => m.i32x4.sub(a, b),
    mul: (m, a, b) => m.i32x4.mul(a, b),
    min: (m, a, b) => m.i32x4.min_s(a, b),
    max: (m, a, b) => m.i32x4.max_s(a, b),
    pmin: (m, a, b) => m.i32x4.min_s(a, b),
    pmax: (m, a, b) => m.i32x4.max_s(a, b),
    and: (m, a, b) => m.v128.and(a, b),
    or: (m, a, b) => m.v128.or(a, b),
    xor: (m, a, b) => m.v128.xor(a, b),
    eq: (m, a, b) => m.i32x4.eq(a, b),
    ne: (m, a, b) => m.i32x4.ne(a, b),
    lt: (m, a, b) => m.i32x4.lt_s(a, b),
    le: (m, a, b) => m.i32x4.le_s(a, b),
    gt: (m, a, b) => m.i32x4.gt_s(a, b),
    ge: (m, a, b) => m.i32x4.ge_s(a, b),
  },
};

const rounding = (type: "f32" | "f64" | "f32x4"): { readonly [K in UnaryOp]?: One } => ({
  neg: (m, a) => m[type].neg(a),
  abs: (m, a) => m[type].abs(a),
  sqrt: (m, a) => m[type].sqrt(a),
  floor: (m, a) => m[type].floor(a),
  ceil: (m, a) => m[type].ceil(a),
  nearest: (m, a) => m[type].nearest(a),
});

const ones: { readonly [M in Machine]: { readonly [K in UnaryOp]?: One } } = {
  f32: rounding("f32"),
  f64: rounding("f64"),
  f32x4: rounding("f32x4"),
  i32: { neg: (m, a) => m.i32.sub(m.i32.const(0), a), not: (m, a) => m.i32.eqz(a) },
  i32x4: {
    neg: (m, a) => m.i32x4.neg(a),
    abs: (m, a) => m.i32x4.abs(a),
    not: (m, a) => m.v128.not(a),
  },
  u32: {},
};

const conversions: { readonly [K in `${Conversion} ${LoopType} ${LoopType}`]?: One } = {
  "convert i32 f32": (m, a) => m.f32.convert_s.i32(a),
  "convert i32x4 f32x4": (m, a) => m.f32x4.convert_i32x4_s(a),
  "convert f32 f64": (m, a) => m.f64.promote(a),
  "convert f64 f32": (m, a) => m.f32.demote(a),
  "truncate f32 i32": (m, a) => m.i32.trunc_s_sat.f32(a),
  "truncate f32x4 i32x4": (m, a) => m.i32x4.trunc_sat_f32x4_s(a),
  "reinterpret f32 i32": (m, a) => m.i32.reinterpret(a),
  "reinterpret i32 f32": (m, a) => m.f32.reinterpret(a),
  "reinterpret f32x4 i32x4": (_, a) => a,
  "reinterpret i32x4 f32x4": (_, a) => a,
};

function found<T>(operation: T | undefined, what: string): T {
  if (operation === undefined) throw new InternalError(`WebAssembly has no ${what}`);
  return operation;
}

/** The instruction of a binary operator; undefined where it takes more than one. */
export const binaryInstruction = (op: BinaryOp, operands: LoopType): Two | undefined =>
  twos[machine(operands)][op];

/** The instructions of a unary operator; undefined where it reads its operand twice. */
export const unaryInstruction = (op: UnaryOp, type: LoopType): One | undefined =>
  ones[machine(type)][op];

export const conversionInstruction = (how: Conversion, from: LoopType, to: LoopType): One =>
  found(conversions[`${how} ${from} ${to}`], `${how} from ${from} to ${to}`);
