import type { NamedTensor } from "./outputs.js";

/**
 * How far one tensor is from another: the largest difference, measured by the largest finite number of the
 * expected one. 0 is number for number the same; infinite where shapes differ or only one has NaN or ∞.
 */
export function difference(actual: NamedTensor, expected: NamedTensor): number {
  if (String(actual.shape) !== String(expected.shape)) return Number.POSITIVE_INFINITY;
  let largest = 1e-30;
  let worst = 0;
  expected.data.forEach((b: number, i: number) => {
    const a = actual.data[i] ?? Number.NaN;
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    if (Object.is(a, b) || a === b) return;
    const apart = Math.abs(a - b);
    worst = Math.max(worst, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  });
  return worst / largest;
}

/** The output that lies farthest from what was expected, by place; names that differ are infinitely far. */
export function farthest(
  actual: readonly NamedTensor[],
  expected: readonly NamedTensor[],
): { readonly name: string; readonly apart: number } {
  const all = expected.map((tensor, place) => {
    const other = actual[place];
    const isSame = other !== undefined && other.name === tensor.name;
    return {
      name: tensor.name,
      apart: isSame ? difference(other, tensor) : Number.POSITIVE_INFINITY,
    };
  });
  if (actual.length > expected.length) {
    return { name: actual[expected.length]!.name, apart: Number.POSITIVE_INFINITY };
  }
  return all.reduce((worst, one) => (one.apart > worst.apart ? one : worst));
}
