import type { Call, CallArgument, CallRange } from "./types.js";

/** First and last (exclusive) unit of a call. */
export type Span = readonly [start: number, end: number];

/** Units 0 to `units` in `count` spans that differ by one unit at most. */
export function spansOf(units: number, count: number): Span[] {
  const borders = Array.from({ length: count + 1 }, (_, i) => Math.round((i * units) / count));
  return borders.slice(1).map((end, i) => [borders[i]!, end] as const);
}

/** The spans that one thread computes, one call each. */
export const partsOf = ({ units, parts }: CallRange): Span[] => spansOf(units, parts);

/** An argument that is known when the span is. */
export type SettledArgument = Extract<CallArgument, { readonly kind: "address" | "i32" }>;

/** A call with numbers for all its arguments. */
export interface SettledCall extends Omit<Call, "arguments" | "range"> {
  readonly arguments: readonly SettledArgument[];
}

function settle(call: Call, [start, end]: Span): SettledCall {
  const values = call.arguments.map((argument): SettledArgument => {
    if (argument.kind === "rangeStart") return { kind: "i32", value: start };
    return argument.kind === "rangeEnd" ? { kind: "i32", value: end } : argument;
  });
  return { function: call.function, arguments: values, comment: call.comment };
}

/** What one thread calls, in order. */
export const settledCalls = (calls: readonly Call[]): SettledCall[] =>
  calls.flatMap((call) =>
    (call.range ? partsOf(call.range) : [[0, 1] as const]).map((span) => settle(call, span)),
  );
