import type { Pair } from "../../ir/ops/conv.js";
import { coordinateModes, resampleModes, roundingModes } from "../../ir/ops/resample.js";
import { defineOperator, optional, required } from "./definition.js";
import { factors, flag, maybe, number, pair, word } from "./kinds.js";

/** Resizing in every way that ONNX has; `upsample` has the usual ones. */
export const resample = defineOperator({
  name: "resample",
  summary:
    "resizes to a size; coordinates, rounding and borders as ONNX's Resize, `a` is its cubic coefficient",
  takes: "image",
  parameters: {
    size: required(pair()),
    mode: optional(word(...resampleModes), "nearest"),
    coordinates: optional(word(...coordinateModes), "half_pixel"),
    scale: optional<Pair | undefined>(maybe(factors), undefined, "result over input"),
    rounding: optional(word(...roundingModes), "round_prefer_floor"),
    a: optional(number(), -0.75),
    exclude_outside: optional(flag, false),
    top: optional(number(), 0),
    left: optional(number(), 0),
    bottom: optional(number(), 1),
    right: optional(number(), 1),
    outside: optional(number(), 0),
  },
  apply(stage, values) {
    const { size, mode, coordinates, rounding, outside } = values;
    const [height = 1, width = 1] = stage.shape.slice(1);
    return stage.build(
      "resample",
      { input: stage.input },
      {
        mode,
        size,
        coordinates,
        scale: values.scale ?? [size[0] / height, size[1] / width],
        region: [values.top, values.left, values.bottom, values.right],
        rounding,
        coefficient: values.a,
        excludeOutside: values.exclude_outside,
        outside,
      },
    );
  },
});
