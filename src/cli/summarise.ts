import type { LoadedModel } from "../runtime/model.js";

/** One of the highest values of an output. */
export interface TopValue {
  readonly index: number;
  /** Where the model has one label a value. */
  readonly label?: string;
  readonly score: number;
}

/** What people are shown of an output. */
export interface OutputSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly top: readonly TopValue[];
  readonly least: number;
  readonly mean: number;
}

/** The highest values of each output, with labels where there is one for each value. */
export function summarise(
  model: LoadedModel,
  results: ReturnType<LoadedModel["run"]>,
  top: number,
): OutputSummary[] {
  return model.outputNames.map((name) => {
    const values = results[name]!;
    const { labels } = model;
    const named = labels?.length === values.length ? labels : undefined;
    let [least, sum] = [Number.POSITIVE_INFINITY, 0];
    for (const value of values) {
      least = Math.min(least, value);
      sum += value;
    }
    return {
      name,
      shape: model.outputs[name]!.shape,
      top: highest(values, top).map((index) => {
        const label = named?.[index];
        return { index, ...(label === undefined ? {} : { label }), score: values[index]! };
      }),
      least,
      mean: sum / values.length,
    };
  });
}

/** Indices of the highest values, best first; equal ones in their order, NaN last. */
function highest(values: ArrayLike<number>, count: number): number[] {
  const rank = (index: number): number => {
    const value = values[index]!;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  return Array.from({ length: values.length }, (_, index) => index)
    .sort((a, b) => rank(b) - rank(a) || a - b)
    .slice(0, count);
}

/** An output in a few lines. */
export function printSummary({ name, shape, top, least, mean }: OutputSummary): string[] {
  const range = `least ${printScore(least)}, mean ${printScore(mean)}`;
  const width = Math.max(...top.map(({ index }) => String(index).length));
  return [
    `${name} [${shape.join(", ")}]: ${range}, highest:`,
    ...top.map(({ index, label = "", score }) =>
      `  ${String(index).padStart(width)}  ${printScore(score).padStart(10)}  ${label}`.trimEnd(),
    ),
  ];
}

const printScore = (score: number): string =>
  Number.isFinite(score) ? String(Number(score.toPrecision(5))) : String(score);
