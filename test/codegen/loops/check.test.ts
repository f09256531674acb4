import { expect, test } from "vitest";
import { branch } from "../../../src/codegen/loops/branch.js";
import { add, f32, get, i32, load } from "../../../src/codegen/loops/build.js";
import { checkFunction, checkModule } from "../../../src/codegen/loops/check.js";
import type {
  CallArgument,
  Expr,
  Local,
  LoopFunction,
  Stmt,
} from "../../../src/codegen/loops/types.js";
import { InternalError } from "../../../src/diagnostics/report.js";

const x: Local = { name: "x", type: "floats" };
const n: Local = { name: "n", type: "i32" };
const a: Local = { name: "a", type: "f32" };
const of = (...body: Stmt[]): LoopFunction => ({ name: "k", comment: "", params: [x, n], body });
const set = (local: Local, value: Expr): Stmt => ({ kind: "set", local, value });
const store = (value: Expr, offset = 0, lanes?: number): Stmt => ({
  kind: "store",
  address: get(x),
  offset,
  value,
  ...(lanes === undefined ? {} : { lanes }),
});
const loop = (to: Expr, body: Stmt[], step = 1): Stmt => ({
  kind: "for",
  local: { name: "i", type: "i32" },
  from: i32(0),
  to,
  step,
  body,
});
const i = get({ name: "i", type: "i32" });

test.each<[string, Stmt[], RegExp]>([
  ["a read before any set", [store(get(a))], /a is read before it is set/],
  [
    "a read after a set on one side only",
    [branch(get(n), [set(a, f32(1))], []), store(get(a))],
    /a is read/,
  ],
  [
    "a read after a loop that may not run",
    [loop(get(n), [set(a, f32(1))]), store(get(a))],
    /a is read/,
  ],
  ["a counter read behind its loop", [loop(i32(2), []), set(n, i)], /i is read before/],
  [
    "one name of two types",
    [set(a, f32(1)), set({ name: "a", type: "i32" }, i32(1))],
    /a is f32 and i32/,
  ],
  ["a set to another type", [set(a, i32(1))], /a is set to i32/],
  ["a negative offset", [store(f32(1), -1)], /offset -1/],
  ["a store of lanes of a scalar", [store(f32(1), 0, 2)], /2 lanes of f32/],
  ["a store of f64", [store({ kind: "const", type: "f64", value: 1 })], /store of f64/],
  ["a loop that changes its bound", [loop(get(n), [set(n, i32(1))])], /changes n/],
  ["a loop that changes its counter", [loop(get(n), [set(i.local, i32(1))])], /changes i/],
  ["a step of 0", [loop(get(n), [], 0)], /steps by 0/],
  ["a name that is none", [set({ name: "a b", type: "i32" }, i32(1))], /a b is no name/],
  [
    "mixed operands",
    [set(n, { kind: "binary", type: "i32", op: "add", a: i32(1), b: f32(1) })],
    /add of i32 and f32/,
  ],
  ["a half integer", [set(n, i32(0.5))], /0.5 is no i32/],
  [
    "a lane that is not there",
    [set(a, { kind: "lane", type: "f32", a: load("f32x4", get(x)), lane: 4 })],
    /lane 4/,
  ],
  [
    "exp of f64",
    [
      set(
        { name: "d", type: "f64" },
        { kind: "unary", type: "f64", op: "exp", a: { kind: "const", type: "f64", value: 1 } },
      ),
    ],
    /exp of f64/,
  ],
])("%s is refused", (_, body, message) => {
  expect(() => checkFunction(of(...body))).toThrow(message);
  expect(() => checkFunction(of(...body))).toThrow(InternalError);
});

test.each<[string, Stmt[]]>([
  ["a set on both sides", [branch(get(n), [set(a, f32(1))], [set(a, f32(2))]), store(get(a))]],
  ["a loop that surely runs", [loop(i32(2), [set(a, f32(1))]), store(get(a))]],
  ["two loops with one counter", [loop(i32(2), [set(n, i)]), loop(i32(2), [set(n, add(i, 1))])]],
])("%s is a value for all that follows", (_, body) => {
  expect(() => checkFunction(of(...body))).not.toThrow();
});

test.each<[string, CallArgument[], RegExp]>([
  ["too few arguments", [{ kind: "address", bytes: 0 }], /1 arguments for 2/],
  [
    "an unaligned address",
    [
      { kind: "address", bytes: 6 },
      { kind: "i32", value: 1 },
    ],
    /unaligned 6/,
  ],
  [
    "an address outside",
    [
      { kind: "address", bytes: 1028 },
      { kind: "i32", value: 1 },
    ],
    /outside the memory/,
  ],
  [
    "a number for an address",
    [
      { kind: "i32", value: 1 },
      { kind: "i32", value: 1 },
    ],
    /a number for the address x/,
  ],
  [
    "an address for a number",
    [
      { kind: "address", bytes: 0 },
      { kind: "address", bytes: 0 },
    ],
    /an address for the i32 n/,
  ],
])("a call with %s is refused", (_, values, message) => {
  const schedule = [{ function: "k", arguments: values, comment: "layer" }];
  expect(() =>
    checkModule({ functions: [of()], prepare: [], schedule, memoryBytes: 1024 }),
  ).toThrow(message);
});

test("function names are unique, and run is taken", () => {
  const module = (...functions: LoopFunction[]) => ({
    functions,
    prepare: [],
    schedule: [],
    memoryBytes: 0,
  });
  expect(() => checkModule(module(of(), of()))).toThrow(/two loop functions k/);
  expect(() => checkModule(module({ ...of(), name: "run" }))).toThrow(/no name/);
  const call = { function: "other", arguments: [], comment: "" };
  expect(() => checkModule({ ...module(of()), schedule: [call] })).toThrow(/no such function/);
});
