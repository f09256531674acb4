import { ShapeError } from "../../ir/ops/operator.js";
import { printShape } from "../values.js";
import type { StageBuilder } from "./definition.js";
import type { Axis } from "./kinds.js";

/** A graph's axis for an axis of the language, which leaves out the batch and counts -1 from the end. */
export function axisOf(stage: Pick<StageBuilder, "operator" | "shape">, axis: Axis): number {
  if (axis === "batch") return 0;
  const rank = stage.shape.length;
  if (axis < -rank || axis >= rank) {
    throw new ShapeError("axis-out-of-range", {
      op: stage.operator,
      axis: String(axis),
      input: printShape(stage.shape),
    });
  }
  return (axis < 0 ? axis + rank : axis) + 1;
}

/** Several axes in the order written, none twice. */
export function axesAsWritten(
  stage: Pick<StageBuilder, "operator" | "shape">,
  axes: readonly Axis[],
): number[] {
  const found = axes.map((axis) => axisOf(stage, axis));
  if (new Set(found).size < found.length) {
    throw new ShapeError("arguments-clash", {
      callee: stage.operator,
      why: "an axis is named twice",
    });
  }
  return found;
}

/** Several axes, ascending, none twice. */
export const axesOf = (
  stage: Pick<StageBuilder, "operator" | "shape">,
  axes: readonly Axis[],
): number[] => axesAsWritten(stage, axes).sort((a, b) => a - b);
