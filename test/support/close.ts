import { expect } from "vitest";

type Numbers = Float32Array | Float64Array | Uint8Array | readonly number[];
type Tensor = { readonly shape: readonly number[]; readonly data: Numbers };
type Outputs = ReadonlyMap<string, Tensor>;

/** The largest difference, measured by the largest expected number; NaN is infinitely far. */
export function relativeError(actual: Numbers, expected: Numbers): number {
  let [difference, largest] = [0, 1e-30];
  expected.forEach((b: number, i: number) => {
    const a = actual[i] ?? Number.NaN;
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    if (Object.is(a, b) || a === b) return;
    const apart = Math.abs(a - b);
    difference = Math.max(difference, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  });
  return difference / largest;
}

const isOutputs = (value: Numbers | Outputs): value is Outputs => value instanceof Map;

function expectNumbers(actual: Numbers, expected: Numbers, limit: number, name: string): void {
  expect(actual.length, name).toBe(expected.length);
  expect(relativeError(actual, expected), name).toBeLessThanOrEqual(limit);
}

/**
 * Fails unless all numbers differ by at most `limit` of the largest expected one; outputs are
 * compared by name and shape.
 */
export function expectClose(
  actual: Numbers | Outputs,
  expected: Numbers | Outputs,
  limit = 1e-6,
): void {
  if (isOutputs(actual) && isOutputs(expected)) {
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [name, { shape, data }] of expected) {
      expect(actual.get(name)?.shape, name).toEqual(shape);
      expectNumbers(actual.get(name)?.data ?? [], data, limit, name);
    }
  } else if (!isOutputs(actual) && !isOutputs(expected)) {
    expectNumbers(actual, expected, limit, "numbers");
  } else throw new Error("outputs can be compared with outputs only");
}

/** The L2 norm of the difference, measured by that of the expected numbers. */
export function relativeL2(actual: Numbers, expected: Numbers): number {
  let [difference, size] = [0, 0];
  expected.forEach((b: number, i: number) => {
    const a = actual[i] ?? Number.NaN;
    difference += Object.is(a, b) || a === b ? 0 : (a - b) ** 2;
    size += Number.isFinite(b) ? b * b : 0;
  });
  return Math.sqrt(difference / Math.max(size, 1e-60));
}
