import { expect, test } from "vitest";
import {
  add,
  advance,
  constant,
  FunctionBuilder,
  f32,
  i32,
  load,
  lt,
  mul,
  mulAdd,
  select,
  splat,
  vectorsOf,
} from "../../../src/codegen/loops/build.js";
import { InternalError } from "../../../src/diagnostics/report.js";

test("constant distances gather in the offset of a load", () => {
  const f = new FunctionBuilder("k", "");
  const x = f.param("x", "floats");
  const i = f.param("i", "i32");
  expect(load("f32", advance(advance(x, 3), 4), 5)).toEqual(load("f32", x, 12));
  expect(load("f32", advance(advance(advance(x, 3), i, 8), 4))).toEqual(
    load("f32", advance(x, i, 8), 7),
  );
});

test("a distance in front of the base stays in the address", () => {
  const x = new FunctionBuilder("k", "").param("x", "floats");
  expect(load("f32", advance(x, -9), 4)).toEqual({
    kind: "load",
    type: "f32",
    address: advance(x, -5),
    offset: 0,
  });
  expect(load("f32", advance(x, -9), 10)).toEqual({
    kind: "load",
    type: "f32",
    address: x,
    offset: 1,
  });
});

test("constants fold where every precision agrees, and only there", () => {
  expect(add(i32(2), 3)).toEqual(i32(5));
  expect(mul(f32(1.5), 2)).toEqual(f32(3));
  expect(add(f32(0.1), 0.2).kind).toBe("binary");
  expect(mul(i32(65536), 65536).kind).toBe("binary");
  expect(lt(constant("floats", 3), 4)).toEqual(i32(1));
  expect(splat(f32(2))).toEqual(constant("f32x4", 2));
  expect(select(lt(i32(1), 2), f32(1), 0)).toEqual(f32(1));
});

test("types that do not meet are refused where they are written", () => {
  const f = new FunctionBuilder("k", "");
  const x = f.param("x", "floats");
  expect(() => add(f32(1), i32(1))).toThrow(InternalError);
  expect(() => add(x, 4)).toThrow(/use advance/);
  expect(() => mulAdd(1, 2, 3)).toThrow(InternalError);
  expect(() => f.store(x, 0, f32(1), 2)).toThrow(/2 lanes/);
  expect(() => f.set(f.let("a", f32(0)), i32(0))).toThrow(/set of a to i32/);
});

test("locals get unique names and statements nest as the callbacks do", () => {
  const f = new FunctionBuilder("k", "twice");
  const x = f.param("x", "floats");
  f.for("y", 0, 4, 1, (y) => {
    const at = f.let("x", advance(x, y, 2));
    f.if(lt(y, 2), () => f.store(at, 1, f32(7)));
  });
  f.for("y", x, advance(x, 8), 4, () => {});
  const { params, body } = f.done();
  expect(params).toEqual([{ name: "x", type: "floats" }]);
  expect(body.map((s) => s.kind === "for" && [s.local.name, s.local.type, s.body.length])).toEqual([
    ["y", "i32", 2],
    ["y_2", "floats", 0],
  ]);
});

test.each([4, 1] as const)("a kernel over %i lanes writes every element once", (lanes) => {
  const v = vectorsOf({ lanes });
  expect(
    v.cut(6).flatMap(({ at, count }) => Array.from({ length: count }, (_, i) => at + i)),
  ).toEqual([0, 1, 2, 3, 4, 5]);
  const f = new FunctionBuilder("k", "");
  const x = f.param("x", "floats");
  for (const { at, count } of v.cut(6)) f.store(x, at, v.load(x, at), count);
  expect(f.done().body).toHaveLength(lanes === 4 ? 2 : 6);
});
