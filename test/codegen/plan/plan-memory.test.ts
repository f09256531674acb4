import fc from "fast-check";
import { expect, test } from "vitest";
import { planGraph } from "../../../src/codegen/plan/index.js";
import { type Piece, planMemory } from "../../../src/codegen/plan/plan-memory.js";
import { typescriptTarget, wasmTarget } from "../../../src/codegen/target.js";
import { randomGraph } from "../../support/random-graph.js";

const pieces = fc.array(
  fc
    .tuple(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: -1, max: 12 }),
      fc.integer({ min: 0, max: 6 }),
    )
    .map(([lines, first, length]): Piece => ({ bytes: 64 * lines, first, last: first + length })),
  { minLength: 1, maxLength: 25 },
);

/** Bytes in use at each step, one by one. */
const liveAt = (all: readonly Piece[], step: number): readonly Piece[] =>
  all.filter(({ first, last }) => first <= step && step <= last);

test("no byte belongs to two pieces that are needed at one step", () => {
  fc.assert(
    fc.property(pieces, (all) => {
      const { offsets, arenaBytes } = planMemory(all);
      for (let step = -1; step <= 18; step++) {
        const owners = new Map<number, Piece>();
        for (const piece of liveAt(all, step)) {
          const offset = offsets[all.indexOf(piece)]!;
          for (let line = offset / 64; line < (offset + piece.bytes) / 64; line++) {
            expect(owners.has(line)).toBe(false);
            owners.set(line, piece);
          }
          expect(offset + piece.bytes).toBeLessThanOrEqual(arenaBytes);
        }
      }
    }),
    { seed: 21, numRuns: 60 },
  );
});

test("the bound is what the fullest step needs, and no arena is smaller", () => {
  fc.assert(
    fc.property(pieces, (all) => {
      const { arenaBytes, arenaBound } = planMemory(all);
      const steps = Array.from({ length: 20 }, (_, i) => i - 1);
      const sums = steps.map((step) => liveAt(all, step).reduce((sum, p) => sum + p.bytes, 0));
      expect(arenaBound).toBe(Math.max(...sums));
      expect(arenaBytes).toBeGreaterThanOrEqual(arenaBound);
    }),
    { seed: 22, numRuns: 60 },
  );
});

test("a chain alternates between two places", () => {
  const chain = [0, 1, 2, 3, 4].map((step): Piece => ({ bytes: 640, first: step, last: step + 1 }));
  const { offsets, arenaBytes, arenaBound } = planMemory(chain);
  expect(offsets).toEqual([0, 640, 0, 640, 0]);
  expect([arenaBytes, arenaBound]).toEqual([1280, 1280]);
});

test("a piece goes into the tightest gap", () => {
  const { offsets } = planMemory([
    { bytes: 1024, first: 0, last: 2 },
    { bytes: 512, first: 0, last: 1 },
    { bytes: 448, first: 0, last: 2 },
    { bytes: 256, first: 0, last: 1 },
    { bytes: 192, first: 0, last: 2 },
    { bytes: 128, first: 2, last: 2 },
  ]);
  expect(offsets.slice(0, 5)).toEqual([0, 1024, 1536, 1984, 2240]);
  expect(offsets[5]).toBe(1984);
});

test("the arena of random graphs is within a tenth of the bound", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      for (const target of [wasmTarget, typescriptTarget]) {
        const { arenaBytes, arenaBound } = planGraph(randomGraph(seed), target);
        expect(arenaBytes).toBeLessThanOrEqual(1.1 * arenaBound);
      }
    }),
    { seed: 23, numRuns: 40 },
  );
});

test("thousands of pieces are placed within a tenth of the bound", () => {
  const chain = Array.from({ length: 4000 }, (_, step): Piece => {
    return { bytes: 64 * (1 + ((step * 7919) % 13)), first: step, last: step + 1 + (step % 5) };
  });
  const { arenaBytes, arenaBound } = planMemory(chain);
  expect(arenaBytes).toBeLessThanOrEqual(1.1 * arenaBound);
});
