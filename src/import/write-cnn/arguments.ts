import type { Pair, Sides } from "../../ir/ops/conv.js";
import type { Argument, Given } from "./sketch.js";

/** An argument by position. */
const at = (parameter: string, value: Argument): Given => ({ parameter, value, byName: false });

/** An argument by name. */
const named = (parameter: string, value: Argument): Given => ({ parameter, value, byName: true });

export const numberOf = (value: number): Argument => ({ kind: "number", value });
export const listOf = (items: readonly number[]): Argument => ({ kind: "list", items });
const sizeOf = ([height, width]: Pair): Argument => ({ kind: "size", height, width });

export const count = (parameter: string, value: number): Given => at(parameter, numberOf(value));
export const size = (parameter: string, pair: Pair): Given => at(parameter, sizeOf(pair));
export const word = (parameter: string, value: string): Given =>
  named(parameter, { kind: "word", value });

/** An axis of the graph as the language counts: without the batch, which has a word. */
const axisOf = (axis: number): Argument =>
  axis === 0 ? { kind: "word", value: "batch" } : numberOf(axis - 1);

export const axisAt = (parameter: string, axis: number): Given => at(parameter, axisOf(axis));

/** An axis of the graph, left out where it is what it is anyway. */
export const optionalAxis = (parameter: string, axis: number, fallback: number): Given[] =>
  axis === fallback ? [] : [named(parameter, axisOf(axis))];

/** How many of a tensor of the whole shape there are. */
export const batchOf = ([batch]: readonly number[]): Given =>
  named("batch", batch === undefined ? { kind: "word", value: "none" } : numberOf(batch));

/** Whether an argument fixes the batch or reaches across it. */
export const isAboutBatch = ({ parameter, value }: Given): boolean =>
  parameter === "batch" || (value.kind === "word" && value.value === "batch");

/** A number that may be infinite, left out where it is 0. */
export function fillValue(parameter: string, value: number): Given[] {
  if (Number.isFinite(value)) return optionalNumber(parameter, value, 0);
  return [word(parameter, value > 0 ? "highest" : "lowest")];
}

/** Left out where the argument is what it is anyway. */
export const optionalNumber = (parameter: string, value: number, fallback: number): Given[] =>
  Object.is(value, fallback) ? [] : [named(parameter, numberOf(value))];

export const optionalFlag = (parameter: string, value: boolean, fallback: boolean): Given[] =>
  value === fallback ? [] : [named(parameter, { kind: "boolean", value })];

/** A pair as one number where both are equal; left out where it is `fallback` twice. */
export function optionalPair(parameter: string, [a, b]: Pair, fallback: number): Given[] {
  if (a !== b) return [named(parameter, sizeOf([a, b]))];
  return optionalNumber(parameter, a, fallback);
}

/** Padding in its shortest form: one number, height and width, or all four sides. */
export function optionalPads(pads: Sides, fallback: Pair): Given[] {
  const [top, left, bottom, right] = pads;
  const isEven = top === bottom && left === right;
  if (isEven && top === fallback[0] && left === fallback[1]) return [];
  if (isEven && top === left) return [named("pad", numberOf(top))];
  return [named("pad", listOf(isEven ? [top, left] : pads))];
}

/** What `pad=half` means: half the reach of the kernel on every side. */
export const halfOf = (kernel: Pair, dilation: Pair): Pair => [
  Math.floor((dilation[0] * (kernel[0] - 1)) / 2),
  Math.floor((dilation[1] * (kernel[1] - 1)) / 2),
];
