import { expect, test } from "vitest";
import {
  advance,
  erf,
  exp,
  FunctionBuilder,
  f32,
  load,
  log,
  type Operand,
  pow,
  tanh,
} from "../../../src/codegen/loops/build.js";
import { erf as erfOf } from "../../../src/codegen/loops/erf.js";
import { expandMath } from "../../../src/codegen/loops/expand-math.js";
import { interpret } from "../../../src/codegen/loops/interpret.js";
import type { Expr } from "../../../src/codegen/loops/types.js";
import { eachExpression, eachStatement, expressionsOf } from "../../../src/codegen/loops/walk.js";

/** `y[i] = f(x[i], z[i])` over `size` elements, in vectors or scalars. */
function kernel(type: "f32" | "f32x4", size: number, f: (x: Expr, z: Expr) => Expr) {
  const lanes = type === "f32" ? 1 : 4;
  const builder = new FunctionBuilder("map", "");
  const x = builder.param("x", "floats");
  builder.for("at", x, advance(x, size), lanes, (at) =>
    builder.store(at, 2 * size, f(load(type, at), load(type, at, size))),
  );
  return builder.done();
}

function apply(
  type: "f32" | "f32x4",
  xs: readonly number[],
  f: (x: Expr, z: Expr) => Expr,
  zs = xs,
) {
  const memory = new ArrayBuffer(xs.length * 12);
  const floats = new Float32Array(memory);
  floats.set(xs);
  floats.set(zs, xs.length);
  const functions = [kernel(type, xs.length, f)];
  const call = {
    function: "map",
    arguments: [{ kind: "address" as const, bytes: 0 }],
    comment: "",
  };
  const loops = { functions, prepare: [], schedule: [call], memoryBytes: memory.byteLength };
  interpret(loops, memory, { precision: "float32" });
  return floats.subarray(2 * xs.length);
}

/** Floats of every exponent and both signs, `each` of them an exponent. */
function samples(each: number): number[] {
  const values: number[] = [];
  for (let exponent = -149; exponent < 128; exponent++) {
    for (let i = 0; i < each; i++) {
      const value = Math.fround((1 + ((i * 0.6180339887 + exponent * 0.13) % 1)) * 2 ** exponent);
      values.push(i % 2 === 0 ? value : -value);
    }
  }
  return values.slice(0, values.length - (values.length % 4));
}

/** The distance of a float from the true value in units of the float's last place. */
function ulps(actual: number, wanted: number): number {
  const rounded = Math.fround(wanted);
  if (Object.is(actual, rounded) || (actual === 0 && rounded === 0)) return 0;
  if (!Number.isFinite(rounded)) return Object.is(actual, rounded) ? 0 : Number.POSITIVE_INFINITY;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(wanted))), -126);
  return Math.abs(actual - wanted) / 2 ** (exponent - 23);
}

function worst(xs: readonly number[], actual: Float32Array, f: (x: number, i: number) => number) {
  let result = { ulps: 0, x: 0, actual: 0, wanted: 0 };
  for (const [i, x] of xs.entries()) {
    const wanted = f(Math.fround(x), i);
    const distance = ulps(actual[i]!, wanted);
    if (!(distance <= result.ulps)) result = { ulps: distance, x, actual: actual[i]!, wanted };
  }
  return result;
}

const functions: readonly (readonly [string, (x: Expr) => Expr, (x: number) => number])[] = [
  ["exp", exp, Math.exp],
  ["log", log, Math.log],
  ["tanh", tanh, Math.tanh],
  ["erf", erf, erfOf],
];

const dense = Array.from({ length: 20000 }, (_, i) => (i - 10000) * 0.0109);

test.each(functions)("%s of any float is within 4 ulp", (_, expand, f) => {
  const xs = [...samples(40), ...dense];
  expect(worst(xs, apply("f32x4", xs, expand), f).ulps).toBeLessThanOrEqual(4);
});

test.each(functions)("%s of one lane equals that of four", (_, expand) => {
  const xs = samples(4);
  expect(apply("f32", xs, expand)).toEqual(apply("f32x4", xs, expand));
});

test.each(functions)("%s has the special values of Math", (_, expand, f) => {
  const xs = [0, -0, 1 / 0, -1 / 0, Number.NaN, 1e-45, -1e-45, -1];
  const actual = apply("f32x4", xs, expand);
  for (const [i, x] of xs.entries()) {
    const wanted = f(Math.fround(x));
    expect(Number.isNaN(actual[i]!)).toBe(Number.isNaN(wanted));
    if (!Number.isNaN(wanted)) expect(ulps(actual[i]!, wanted)).toBeLessThanOrEqual(2);
  }
});

test("exp overflows to Infinity and underflows through denormals to 0", () => {
  const xs = [88.72, 88.73, -87.5, -103, -103.9, -104.5, 200, -200];
  expect(worst(xs, apply("f32x4", xs, exp), Math.exp).ulps).toBeLessThanOrEqual(1);
});

test.each([0.25, 0.5, 0.75, 1, 1.5, 2, 3])(
  "a positive number to the power %d is within 3 ulp",
  (y) => {
    const xs = samples(20).map(Math.abs);
    const actual = apply("f32x4", xs, (x) => pow(x, y));
    expect(worst(xs, actual, (x) => x ** y).ulps).toBeLessThanOrEqual(3);
  },
);

test.each(["f32", "f32x4"] as const)("any power of %s is within 1 ulp", (type) => {
  const xs = samples(type === "f32" ? 12 : 4);
  const zs = xs.map((_, i) => Math.fround(((i * 7919) % 1000) / 37 - 13));
  const whole = zs.map((z, i) => (i % 3 === 0 ? Math.round(z) : z));
  const actual = apply(type, xs, (x, z) => pow(x, z), whole);
  expect(worst(xs, actual, (x, i) => x ** Math.fround(whole[i]!)).ulps).toBeLessThanOrEqual(1);
});

test("pow has the special values of JavaScript", () => {
  const special = [0, -0, 1, -1, 2, -2, 0.5, 3, -3, 1 / 0, -1 / 0, Number.NaN, 1e-45, 3e38];
  const pairs = special.flatMap((x) => special.map((y) => [x, y] as const));
  const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
  const actual = apply("f32", xs, (x, y) => pow(x, y), ys);
  const wanted = pairs.map(([x, y]) => Math.fround(Math.fround(x) ** Math.fround(y)));
  for (const [i, [x, y]] of pairs.entries()) expect([x, y, actual[i]]).toEqual([x, y, wanted[i]]);
});

test.each([0.25, 0.5, 0.75, 1, 1.5, 2, 3])(
  "a constant power %d has the special values of JavaScript",
  (y) => {
    const xs = [0, -0, 1, -1, 4, -4, 1 / 0, -1 / 0, Number.NaN, -3e38, 1e-45, -1e-45];
    const wanted = xs.map((x) => Math.fround(Math.fround(x) ** y));
    for (const type of ["f32", "f32x4"] as const) {
      const actual = apply(type, xs, (x) => pow(x, y));
      for (const [i, x] of xs.entries()) {
        expect(ulps(actual[i]!, wanted[i]!), `${x} ** ${y}`).toBeLessThanOrEqual(3);
        if (Number.isNaN(wanted[i]!)) expect(actual[i]!, `${x} ** ${y}`).toBeNaN();
      }
    }
  },
);

test("an expansion leaves no mathematics and takes no name that is in use", () => {
  const f = new FunctionBuilder("k", "");
  const x = f.param("exp_x", "floats");
  const taken = f.let("exp_of", load("f32", x));
  const both: Operand = exp(taken);
  f.store(x, 1, pow(exp(tanh(both)), erf(log(f32(0.3)))));
  const expanded = expandMath(f.done());
  const names: string[] = [];
  eachStatement(expanded.body, (statement) => {
    if (statement.kind === "set") names.push(statement.local.name);
    for (const expr of expressionsOf(statement)) {
      eachExpression(expr, (part) => {
        if (part.kind === "unary") expect(["exp", "log", "tanh", "erf"]).not.toContain(part.op);
        if (part.kind === "binary") expect(part.op).not.toBe("pow");
      });
    }
  });
  expect(names.filter((name) => name === "exp_of")).toHaveLength(1);
  expect(names).not.toContain("exp_x");
});

test("a function without mathematics is returned as it is", () => {
  const f = new FunctionBuilder("k", "");
  f.store(f.param("x", "floats"), 0, f32(1));
  const source = f.done();
  expect(expandMath(source)).toBe(source);
});

test("erf in double precision is right to 1e-11", () => {
  const known = [
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [0.9999, 0.84265927804876],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2.5, 0.999593047982555],
    [4, 0.9999999845827421],
  ] as const;
  for (const [x, y] of known) {
    expect(Math.abs(erfOf(x) - y)).toBeLessThan(1e-11);
    expect(erfOf(-x)).toBe(-erfOf(x));
  }
});
