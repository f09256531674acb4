import { expect, test } from "vitest";
import { WeightMemory } from "../../../src/codegen/plan/pack-weights.js";

test("equal data are stored once, others behind each other at cache lines", () => {
  const memory = new WeightMemory();
  const first = memory.addressOf("a", Float32Array.of(1, 2, 3));
  const same = memory.addressOf("b", Float32Array.of(1, 2, 3));
  const other = memory.addressOf("c", Float32Array.of(1, 2, 4));
  expect([first, same, other]).toEqual([0, 0, 64]);
  expect(memory.blocks.map(({ label }) => label)).toEqual(["a", "c"]);
  expect(memory.bytes).toBe(128);
});

test("zeros of different signs are different data", () => {
  const memory = new WeightMemory();
  memory.addressOf("zero", Float32Array.of(0));
  expect(memory.addressOf("minus zero", Float32Array.of(-0))).toBe(64);
});

test("a vector load of a block's last number stays in front of the next block", () => {
  const memory = new WeightMemory();
  memory.addressOf("a", new Float32Array(13).fill(1));
  expect(memory.addressOf("b", Float32Array.of(2))).toBe(128);
});
