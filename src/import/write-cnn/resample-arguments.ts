import type { NodeOf } from "../../ir/graph.js";
import { listOf, optionalFlag, optionalNumber, size, word } from "./arguments.js";
import type { Given } from "./sketch.js";

/** What a resampling is written with; what it has no use for is left out. */
export function resampleArguments({ attrs, operands }: NodeOf<"resample">): Given[] {
  const [, , height = 1, width = 1] = operands.input.type.shape;
  const isUsual = attrs.scale.every(
    (by, axis) => by === attrs.size[axis]! / [height, width][axis]!,
  );
  const [top, left, bottom, right] = attrs.region;
  return [
    size("size", attrs.size),
    ...(attrs.mode === "nearest" ? [] : [word("mode", attrs.mode)]),
    ...(attrs.coordinates === "half_pixel" ? [] : [word("coordinates", attrs.coordinates)]),
    ...(isUsual ? [] : [{ parameter: "scale", value: listOf(attrs.scale), byName: true }]),
    ...(attrs.rounding === "round_prefer_floor" ? [] : [word("rounding", attrs.rounding)]),
    ...optionalNumber("a", attrs.coefficient, -0.75),
    ...optionalFlag("exclude_outside", attrs.excludeOutside, false),
    ...optionalNumber("top", top, 0),
    ...optionalNumber("left", left, 0),
    ...optionalNumber("bottom", bottom, 1),
    ...optionalNumber("right", right, 1),
    ...optionalNumber("outside", attrs.outside, 0),
  ];
}
