import { ShapeError } from "../../ir/ops/operator.js";
import { printShape } from "../values.js";
import { axesOf, axisOf } from "./axes.js";
import { defineOperator, optional, required, rest } from "./definition.js";
import { axes, axis, whole } from "./kinds.js";

/** An index from 0 to `size`; a negative one counts from the end. */
const indexOf = (index: number, size: number): number => (index < 0 ? index + size : index);

/** A part along one axis. */
export const slice = defineOperator({
  name: "slice",
  summary: "elements `from` up to before `to` along an axis, every `step`-th",
  takes: "any",
  parameters: {
    axis: required(axis),
    from: required(whole()),
    to: required(whole()),
    step: optional(whole(1), 1),
  },
  apply(stage, { axis: of, from, to, step }) {
    const along = axisOf(stage, of);
    const { shape } = stage.input.type;
    const size = shape[along] ?? 1;
    const [start, end] = [indexOf(from, size), indexOf(to, size)];
    if (start < 0 || end > size) {
      const details = { axis: of, first: from, last: to - 1, input: printShape(stage.shape) };
      throw new ShapeError("slice-out-of-range", details);
    }
    if (end <= start) {
      const why = `from ${from} to ${to} of ${size} takes no element`;
      throw new ShapeError("arguments-clash", { callee: "slice", why });
    }
    const at = <T>(value: T, others: readonly T[]): T[] =>
      others.map((other, index) => (index === along ? value : other));
    return stage.build(
      "slice",
      { input: stage.input },
      {
        starts: at(
          start,
          shape.map(() => 0),
        ),
        sizes: at(Math.ceil((end - start) / step), shape),
        steps: at(
          step,
          shape.map(() => 1),
        ),
      },
    );
  },
});

/** Axes read backwards. */
export const flip = defineOperator({
  name: "flip",
  summary: "the elements along one or more axes in reverse order",
  takes: "any",
  parameters: { axes: rest(axes("one or more axes")) },
  apply(stage, { axes: given }) {
    const flipped = axesOf(stage, given);
    const { shape } = stage.input.type;
    return stage.build(
      "slice",
      { input: stage.input },
      {
        starts: shape.map((size, index) => (flipped.includes(index) ? size - 1 : 0)),
        sizes: shape,
        steps: shape.map((_, index) => (flipped.includes(index) ? -1 : 1)),
      },
    );
  },
});
