import { ShapeError } from "../../ir/ops/operator.js";
import { printShape } from "../values.js";
import { axisOf } from "./axes.js";
import { defineOperator, optional, required, type StageBuilder } from "./definition.js";
import { axis, numberOrInfinite, whole, word } from "./kinds.js";

const edge = whole(0);

const filling = {
  mode: optional(word("zero", "constant", "reflect", "edge"), "zero"),
  value: optional(numberOrInfinite, 0),
};

function checkValue({ operator }: StageBuilder, mode: string, value: number): void {
  if (value === 0 || mode === "constant") return;
  const why = `value=${value} needs mode=constant, not ${mode}`;
  throw new ShapeError("arguments-clash", { callee: operator, why });
}

/** A reflection must be shorter than its axis. */
function checkReflection(
  stage: StageBuilder,
  amounts: readonly (readonly [number, number])[],
): void {
  amounts.forEach(([before, after], axis) => {
    const amount = Math.max(before, after);
    if (amount < (stage.shape[axis] ?? 1) || amount === 0) return;
    throw new ShapeError("pad-too-large", { axis, amount, input: printShape(stage.shape) });
  });
}

/** A border around images. */
export const pad = defineOperator({
  name: "pad",
  summary: "adds rows, columns and (`front`, `back`) channels; `value` is for mode=constant",
  takes: "image",
  parameters: {
    top: required(edge),
    left: required(edge),
    bottom: required(edge),
    right: required(edge),
    front: optional(edge, 0),
    back: optional(edge, 0),
    ...filling,
  },
  apply(stage, { top, left, bottom, right, front, back, mode, value }) {
    checkValue(stage, mode, value);
    const amounts = [
      [front, back],
      [top, bottom],
      [left, right],
    ] as const;
    if (mode === "reflect") checkReflection(stage, amounts);
    return stage.build(
      "pad",
      { input: stage.input },
      {
        before: [0, front, top, left],
        after: [0, back, bottom, right],
        mode: mode === "zero" ? "constant" : mode,
        value,
      },
    );
  },
});

/** Elements in front and behind along one axis. */
export const padAxis = defineOperator({
  name: "pad_axis",
  summary: "adds elements in front of and behind an axis; `value` is for mode=constant",
  takes: "any",
  parameters: {
    axis: required(axis),
    before: required(edge),
    after: required(edge),
    ...filling,
  },
  apply(stage, { axis: along, before, after, mode, value }) {
    checkValue(stage, mode, value);
    const padded = axisOf(stage, along);
    const only = (n: number): number[] =>
      stage.input.type.shape.map((_, index) => (index === padded ? n : 0));
    return stage.build(
      "pad",
      { input: stage.input },
      {
        before: only(before),
        after: only(after),
        mode: mode === "zero" ? "constant" : mode,
        value,
      },
    );
  },
});
