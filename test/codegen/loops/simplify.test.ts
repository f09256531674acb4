import { expect, test } from "vitest";
import {
  add,
  advance,
  FunctionBuilder,
  f32,
  i32,
  load,
  lt,
  mul,
  sub,
  type Variable,
} from "../../../src/codegen/loops/build.js";
import { printFunction } from "../../../src/codegen/loops/print.js";
import { simplifyFunction } from "../../../src/codegen/loops/simplify.js";

function simplified(write: (f: FunctionBuilder, x: Variable) => void): string {
  const f = new FunctionBuilder("k", "");
  write(f, f.param("x", "floats"));
  return printFunction(simplifyFunction(f.done())).split("\n").slice(2).join("\n");
}

test("neutral operands go, those that change the sign of zero stay", () => {
  expect(
    simplified((f, x) => {
      f.store(x, 0, mul(load("f32", x), 1));
      f.store(x, 1, add(load("f32", x), -0));
      f.store(x, 2, add(load("f32", x), 0));
      f.store(x, 3, sub(load("f32", x), 0));
      f.store(x, 4, sub(0, load("f32", x)));
    }),
  ).toBe(
    "  f32[x] = f32[x]\n  f32[x + 1] = f32[x]\n  f32[x + 2] = f32[x] + f32 0\n  f32[x + 3] = f32[x]\n  f32[x + 4] = f32 0 - f32[x]\n",
  );
});

test("a loop of one pass becomes its body, a loop of none goes", () => {
  expect(
    simplified((f, x) => {
      f.for("i", 3, 4, 1, (i) => f.store(advance(x, i, 5), 1, f32(1)));
      f.for("p", x, advance(x, 4), 4, (p) => f.store(p, 2, f32(2)));
      f.for("j", 3, 3, 1, (j) => f.store(advance(x, j), 0, f32(3)));
      f.for("k", 0, 2, 1, (k) => f.store(advance(x, k), 0, f32(4)));
    }),
  ).toBe(
    "  f32[x + 16] = f32 1\n  f32[x + 2] = f32 2\n  for k: i32 = 0 to 2 step 1\n    f32[x + k] = f32 4\n",
  );
});

test("locals that nothing reads go, with all that only they read", () => {
  expect(
    simplified((f, x) => {
      const a = f.let("a", load("f32", x));
      const b = f.let("b", add(a, a));
      f.for("i", 0, 9, 1, () => f.set(b, add(b, 1)));
    }),
  ).toBe("");
});

test("decided branches are taken", () => {
  expect(
    simplified((f, x) => {
      const n = f.let("n", i32(2));
      f.if(
        lt(n, 3),
        () => f.store(x, 0, f32(1)),
        () => f.store(x, 1, f32(1)),
      );
    }),
  ).toBe("  f32[x] = f32 1\n");
});

test("a copy of something that changes is kept", () => {
  expect(
    simplified((f, x) => {
      const p = f.let("p", x);
      f.set(x, advance(x, 1));
      f.store(p, 0, load("f32", x));
    }),
  ).toBe("  p = x\n  x = x + 1\n  f32[p] = f32[x]\n");
});
