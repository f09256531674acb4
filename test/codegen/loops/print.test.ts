import { expect, test } from "vitest";
import {
  add,
  advance,
  exp,
  FunctionBuilder,
  f32,
  load,
  lt,
  mul,
  mulAdd,
  select,
  vectorsOf,
} from "../../../src/codegen/loops/build.js";
import { printModule } from "../../../src/codegen/loops/print.js";

test("a module prints as one reading of its loops", () => {
  const v = vectorsOf({ lanes: 4 });
  const f = new FunctionBuilder("dot", "y = b + x · w,\n4 lanes");
  const x = f.param("x", "floats");
  const y = f.param("y", "floats");
  const u = f.param("u", "bytes");
  const n = f.param("n", "i32");
  const acc = f.let("acc", v.constant(-0));
  f.remark("the inner loop");
  f.for("at", x, advance(x, 16), 1, (at) =>
    f.set(acc, mulAdd(v.loadSplat(at, 2), v.load(at), acc)),
  );
  f.for("i", 0, n, 2, (i) => {
    const z = f.let("z", advance(y, i, 3));
    f.if(
      lt(i, 4),
      () => f.store(advance(z, -8), 3, exp(acc), 3),
      () => f.store(u, 1, mul(add(i, 1), 2)),
    );
    f.store(z, 0, select(lt(i, 1), load("f32", z, 4), f32(0.5)));
  });
  const schedule = [
    {
      function: "dot",
      arguments: [0, 64, 128].map((bytes) => ({ kind: "address" as const, bytes })),
      comment: "conv1",
    },
  ];
  expect(
    printModule({ functions: [f.done()], prepare: [], schedule, memoryBytes: 256 }),
  ).toBe(`; y = b + x · w, 4 lanes
function dot(x: floats, y: floats, u: bytes, n: i32)
  acc = f32x4 -0
  ; the inner loop
  for at: floats = x to x + 16 step 1
    acc = splat f32[at + 2] * f32x4[at] + acc
  for i: i32 = 0 to n step 2
    z = y + i * 3
    if i < 4
      f32x4:3[z - 5] = exp(acc)
    else
      u8[u + 1] = (i + 1) * 2
    f32[z] = (i < 1) ? f32[z + 4] : f32 0.5

run in 256 bytes
  dot(@0, @64, @128)  ; conv1
`);
});
