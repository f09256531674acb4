import { Report } from "../../src/diagnostics/report.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Value } from "../../src/ir/graph.js";
import { ShapeError } from "../../src/ir/ops/operator.js";
import { returns } from "./graphs.js";

/** The numbers of a value that needs no inputs. */
export const meaningOf = (value: Value): number[] => [
  ...evaluate(returns(value), new Map()).get("y")!.data,
];

/** `name: message` of the ShapeError that making a value throws. */
export function refusalOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const report = new Report();
    report.add(error.code, error.details);
    return `${error.code}: ${report.diagnostics[0]!.message}`;
  }
  return "nothing was refused";
}
