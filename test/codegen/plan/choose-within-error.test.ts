import fc from "fast-check";
import { expect, test } from "vitest";
import {
  chooseWithinError,
  errorLimit,
  networkError,
} from "../../../src/codegen/plan/choose-within-error.js";

interface Way {
  readonly ms: number;
  readonly error: number;
}

/** A layer whose ways take so long and err so much, the fastest first. */
const layer = (...ways: readonly (readonly [ms: number, error: number])[]): Way[] =>
  ways.map(([ms, error]) => ({ ms, error }));

const errorsOf = (taken: readonly Way[]): number[] => taken.map(({ error }) => error);

test("where errors are small, the fastest of each layer is taken", () => {
  const taken = chooseWithinError([layer([1, 1e-5], [2, 0]), layer([1, 2e-5], [3, 0])]);
  expect(errorsOf(taken)).toEqual([1e-5, 2e-5]);
});

test("the layer that loses the least for the error it saves steps back, and no further than needed", () => {
  const dear = layer([1, 4e-5], [9, 1e-5], [20, 0]);
  const cheap = layer([1, 4e-5], [2, 1e-5], [3, 0]);
  const taken = chooseWithinError([dear, cheap]);
  expect(errorsOf(taken)).toEqual([4e-5, 1e-5]);
  expect(networkError(errorsOf(taken))).toBeLessThanOrEqual(errorLimit);
});

test("a layer that errs too much by itself goes to the plain sum", () => {
  expect(errorsOf(chooseWithinError([layer([1, 1e-3], [5, 6e-5], [9, 0])]))).toEqual([0]);
});

test("whatever the layers are, the network's error is within the limit and no step back was in vain", () => {
  const candidate = fc.tuple(fc.double({ min: 0.1, max: 10 }), fc.double({ min: 0, max: 8e-5 }));
  const layers = fc.array(fc.array(candidate, { maxLength: 3 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(layers, (list) => {
      const candidates = list.map((some) =>
        layer(...[...some, [20, 0] as const].sort(([a], [b]) => a - b)),
      );
      const errors = errorsOf(chooseWithinError(candidates));
      expect(networkError(errors)).toBeLessThanOrEqual(errorLimit);
      const fastest = candidates.map(([first]) => first!.error);
      if (networkError(fastest) <= errorLimit) expect(errors).toEqual(fastest);
    }),
    { seed: 31, numRuns: 200 },
  );
});
