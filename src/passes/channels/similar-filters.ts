import { type Filters, tapsAt } from "./filters.js";

/** A channel that is another one times a positive number. */
export interface Copy {
  readonly of: number;
  readonly times: number;
}

/** By channel, those of a value that are copies of others; no copy is one of a copy. */
export type Copies = ReadonlyMap<number, Copy>;

export const noCopies: Copies = new Map();

/** Relative difference of weights that counts as none. */
const tolerance = 1e-6;

/** A filter's size and what it comes to in one fixed direction: equal for filters that are multiples. */
interface Sketch {
  readonly output: number;
  /** What a filter reads: its group, or the channel that its single input channel is a copy of. */
  readonly source: number;
  /** What its weights are multiplied by, as its single input channel is by that of the source. */
  readonly factor: number;
  readonly norm: number;
  readonly place: number;
}

/**
 * Output channels whose filter and bias are a positive multiple of another's that reads the same. Filters
 * are sorted by their place in one fixed direction, so that only neighbours are compared number by number.
 */
export function similarFilters(filters: Filters, inputCopies: Copies): Copies {
  const length = filters.inputsPerGroup * filters.taps;
  const direction = Float64Array.from({ length: length + 1 }, (_, at) => scattered(at));
  const sketches = Array.from(filters.bias, (_, output) =>
    sketchOf(filters, output, direction, inputCopies),
  )
    .filter(({ norm }) => norm > 0)
    .sort((a, b) => a.source - b.source || a.place - b.place || a.output - b.output);
  const near = 2 * tolerance * Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0));
  const copies = new Map<number, Copy>();
  sketches.forEach((sketch, at) => {
    for (let next = at + 1; next < sketches.length; next++) {
      const other = sketches[next]!;
      if (other.source !== sketch.source || other.place - sketch.place > near) break;
      if (copies.has(sketch.output)) break;
      if (!copies.has(other.output) && areMultiples(filters, sketch, other)) {
        copies.set(other.output, { of: sketch.output, times: other.norm / sketch.norm });
      }
    }
  });
  return copies;
}

/** Numbers in -½ … ½ without a pattern, the same on every machine. */
const scattered = (at: number): number => (Math.imul(at + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5;

function sketchOf(
  filters: Filters,
  output: number,
  direction: Float64Array,
  inputCopies: Copies,
): Sketch {
  const group = Math.floor(output / filters.outputsPerGroup);
  const copy = filters.inputsPerGroup === 1 ? inputCopies.get(group) : undefined;
  const { of: source, times: factor } = copy ?? { of: group, times: 1 };
  let [squares, sum] = [0, 0];
  const { weight, taps, inputsPerGroup } = filters;
  let at = 0;
  for (let k = 0; k < inputsPerGroup; k++) {
    const from = tapsAt(filters, output, k);
    for (let tap = from; tap < from + taps; tap++, at++) {
      const x = weight[tap]! * factor;
      squares += x * x;
      sum += x * direction[at]!;
    }
  }
  const bias = filters.bias[output]!;
  squares += bias * bias;
  sum += bias * direction[at]!;
  const norm = Math.sqrt(squares);
  return { output, source, factor, norm, place: norm > 0 ? sum / norm : 0 };
}

/** Compares number by number until filters are too far apart, which nearly all are from the start. */
function areMultiples(filters: Filters, one: Sketch, other: Sketch): boolean {
  const { weight, bias, taps, inputsPerGroup } = filters;
  const [mine, theirs] = [one.factor / one.norm, other.factor / other.norm];
  const most = tolerance * tolerance;
  let squares = (bias[one.output]! / one.norm - bias[other.output]! / other.norm) ** 2;
  for (let k = 0; k < inputsPerGroup && squares <= most; k++) {
    const [a, b] = [tapsAt(filters, one.output, k), tapsAt(filters, other.output, k)];
    for (let tap = 0; tap < taps; tap++) {
      squares += (weight[a + tap]! * mine - weight[b + tap]! * theirs) ** 2;
    }
  }
  return squares <= most;
}
