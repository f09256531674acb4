import { expect, test } from "vitest";
import { emitWat } from "../../src/codegen/wasm/module.js";
import { measurePeak, probeModule } from "../../src/measure/probe.js";
import { innerLoops } from "../golden/inner-loops.js";

test("the probe's inner loop is the plain register tile: 6 loads for 8 products", async () => {
  const loops = innerLoops(await emitWat(probeModule())).split("\n");
  expect(loops).toHaveLength(2);
  expect(loops[0]).toBe("probe");
  for (const part of ["4 v128.load,", "2 v128.load32_splat", "8 f32x4.mul", "8 f32x4.add"]) {
    expect(`${loops[1]},`).toContain(part);
  }
});

test("the peak is a number of GFLOP/s", async () => {
  const peak = await measurePeak();
  expect(Number.isFinite(peak)).toBe(true);
  expect(peak).toBeGreaterThan(0);
});
