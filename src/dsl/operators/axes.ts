import { ShapeError } from "../../ir/ops/operator.js";
import { printShape } from "../values.js";
import type { StageBuilder } from "./definition.js";

/** A graph's axis for an axis of the language, which leaves out the batch and counts -1 from the end. */
export function axisOf(stage: Pick<StageBuilder, "operator" | "shape">, axis: number): number {
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

/** Several axes, ascending, none twice. */
export function axesOf(
  stage: Pick<StageBuilder, "operator" | "shape">,
  axes: readonly number[],
): number[] {
  const found = axes.map((axis) => axisOf(stage, axis)).sort((a, b) => a - b);
  if (new Set(found).size < found.length) {
    throw new ShapeError("arguments-clash", {
      callee: stage.operator,
      why: "an axis is named twice",
    });
  }
  return found;
}
