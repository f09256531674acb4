import type { NodeOf } from "../../ir/graph.js";
import type { UnaryFunction } from "../../ir/ops/arithmetic.js";
import type { FactsOf } from "./facts.js";

/**
 * What is left of an activation, given the bounds of what it is applied to: nothing, a function that costs
 * less, or the function itself.
 */
export function weakened(
  { operands, attrs }: NodeOf<"unary">,
  facts: FactsOf,
): UnaryFunction | undefined {
  const { fn } = attrs;
  const ranges = facts(operands.input);
  const isNeverBelow = (least: number): boolean => ranges.every(({ low }) => low >= least);
  const isNeverAbove = (most: number): boolean => ranges.every(({ high }) => high <= most);
  switch (fn.kind) {
    case "relu":
    case "abs":
    case "leakyRelu":
      return isNeverBelow(0) ? undefined : fn;
    case "clip":
      if (!isNeverAbove(fn.max)) return fn;
      if (isNeverBelow(fn.min)) return undefined;
      return fn.min === 0 ? { kind: "relu" } : fn;
    default:
      return fn;
  }
}
