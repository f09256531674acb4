import { expect, test } from "vitest";
import {
  advance,
  binary,
  convert,
  FunctionBuilder,
  load,
  select,
  shift,
  sub,
  unary,
} from "../../../src/codegen/loops/build.js";
import type { BinaryOp, Expr, LoopModule, UnaryOp } from "../../../src/codegen/loops/types.js";
import { differences, memoryBytes } from "./programs.js";
import { inTypescript, interpreted, inWasm } from "./targets.js";

const arithmetic: readonly BinaryOp[] = ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax"];
const comparisons: readonly BinaryOp[] = ["eq", "ne", "lt", "le", "gt", "ge"];
const integers: readonly BinaryOp[] = [
  "add",
  "sub",
  "mul",
  "min",
  "max",
  "pmin",
  "pmax",
  "and",
  "or",
  "xor",
];
const unaries: readonly UnaryOp[] = ["neg", "abs", "sqrt", "floor", "ceil", "nearest"];

/** `y[i] = f(x[i], x[i + 7 · row])` for six rows over 36 floats, special values among them. */
function moduleOf(type: "f32" | "f32x4", f: (a: Expr, b: Expr) => Expr): LoopModule {
  const builder = new FunctionBuilder("k", "");
  const [x, y] = [builder.param("x", "floats"), builder.param("y", "floats")];
  builder.for("row", 0, 6, 1, (row) => {
    builder.for("at", 0, 36, type === "f32" ? 1 : 4, (at) => {
      const a = load(type, advance(x, at));
      const b = load(type, advance(advance(x, at), row, 7));
      builder.store(advance(advance(y, at), row, 36), 0, f(a, b));
    });
  });
  const values = [0, 1024].map((bytes) => ({ kind: "address" as const, bytes }));
  const schedule = [{ function: "k", arguments: values, comment: "" }];
  return { functions: [builder.done()], prepare: [], schedule, memoryBytes };
}

const wide = (a: Expr): Expr => convert("convert", "f64", a);
const narrow = (a: Expr): Expr => convert("convert", "f32", a);
const whole = (a: Expr): Expr =>
  convert("truncate", a.type === "f32" ? "i32" : "i32x4", binary("min", binary("max", a, -99), 99));
const float = (a: Expr): Expr => convert("convert", a.type === "i32" ? "f32" : "f32x4", a);

const scalars: readonly (readonly [string, (a: Expr, b: Expr) => Expr])[] = [
  ...arithmetic.map((op) => [`${op} of f32`, (a: Expr, b: Expr) => binary(op, a, b)] as const),
  ...arithmetic.map(
    (op) => [`${op} of f64`, (a: Expr, b: Expr) => narrow(binary(op, wide(a), wide(b)))] as const,
  ),
  ...comparisons.map(
    (op) => [`${op} of f32`, (a: Expr, b: Expr) => float(binary(op, a, b))] as const,
  ),
  ...[...integers, ...comparisons].map(
    (op) => [`${op} of i32`, (a: Expr, b: Expr) => float(binary(op, whole(a), whole(b)))] as const,
  ),
  ...unaries.map((op) => [`${op} of f32`, (a: Expr) => unary(op, a)] as const),
  ...unaries.map((op) => [`${op} of f64`, (a: Expr) => narrow(unary(op, wide(a)))] as const),
  ...(["neg", "abs", "not"] as const).map(
    (op) => [`${op} of i32`, (a: Expr) => float(unary(op, whole(a)))] as const,
  ),
  ["a difference of a difference", (a, b) => sub(a, sub(b, binary("add", a, b)))],
  [
    "a product of a product",
    (a, b) => {
      const c = binary("div", a, b);
      return sub(binary("mul", a, binary("mul", b, c)), binary("mul", binary("mul", a, b), c));
    },
  ],
  ["a quotient by a product", (a, b) => binary("div", a, binary("mul", b, b))],
  ["a shift", (a) => float(shift("shr", shift("shl", whole(a), 4), 1))],
  ["a truncation", (a) => float(convert("truncate", "i32", a))],
  ["a choice", (a, b) => select(binary("lt", a, b), a, binary("mul", b, 2))],
];

const vectors: readonly (readonly [string, (a: Expr, b: Expr) => Expr])[] = [
  ...arithmetic.map((op) => [op, (a: Expr, b: Expr) => binary(op, a, b)] as const),
  ...comparisons.map((op) => [op, (a: Expr, b: Expr) => select(binary(op, a, b), a, b)] as const),
  ...[...integers, ...comparisons].map(
    (op) =>
      [`${op} of i32x4`, (a: Expr, b: Expr) => float(binary(op, whole(a), whole(b)))] as const,
  ),
  ...unaries.map((op) => [op, (a: Expr) => unary(op, a)] as const),
  ...(["neg", "abs", "not"] as const).map(
    (op) => [`${op} of i32x4`, (a: Expr) => float(unary(op, whole(a)))] as const,
  ),
  ["a truncation", (a) => float(convert("truncate", "i32x4", a))],
];

/** The cases as modules. */
const every = (cases: typeof scalars, type: "f32" | "f32x4") =>
  cases.map(([name, f]) => [name, moduleOf(type, f)] as const);

test("every scalar operator is in WebAssembly what it is in the interpreter", async () => {
  for (const [name, loops] of every(scalars, "f32")) {
    expect([name, ...differences(await inWasm(loops), interpreted(loops, "float32"))]).toEqual([
      name,
    ]);
  }
});

test("every vector operator is in WebAssembly what it is in the interpreter", async () => {
  for (const [name, loops] of every(vectors, "f32x4")) {
    expect([name, ...differences(await inWasm(loops), interpreted(loops, "float32"))]).toEqual([
      name,
    ]);
  }
});

test("every scalar operator is in TypeScript what it is in the interpreter", async () => {
  for (const [name, loops] of every(scalars, "f32")) {
    expect([
      name,
      ...differences(await inTypescript(loops), interpreted(loops, "float64")),
    ]).toEqual([name]);
  }
});
