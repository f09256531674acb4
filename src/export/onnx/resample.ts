import type { NodeOf } from "../../ir/graph.js";
import type { OnnxEmitter } from "./emitter.js";

/** `sizes` where the scales follow from them, else the scales, from which the same sizes follow. */
function targets(out: OnnxEmitter, { attrs, operands, results }: NodeOf<"resample">): string[] {
  const [, , height = 1, width = 1] = operands.input.type.shape;
  const [rows, columns] = attrs.scale;
  const isUsual = rows === attrs.size[0] / height && columns === attrs.size[1] / width;
  if (isUsual) return ["", out.int64s("sizes", results[0]!.type.shape)];
  return [out.floats("scales", [4], Float32Array.of(1, 1, rows, columns))];
}

/** `Resize` with everything told that the mode looks at. */
export function writeResample(out: OnnxEmitter, node: NodeOf<"resample">): string {
  const { attrs, operands, name } = node;
  const [top, left, bottom, right] = attrs.region;
  const isCrop = attrs.coordinates === "tf_crop_and_resize";
  const region = Float32Array.of(0, 0, top, left, 1, 1, bottom, right);
  const roi = isCrop ? out.floats("roi", [8], region) : "";
  const attributes = {
    mode: { string: attrs.mode },
    coordinate_transformation_mode: { string: attrs.coordinates },
    ...(attrs.mode === "nearest" ? { nearest_mode: { string: attrs.rounding } } : {}),
    ...(attrs.mode === "cubic" ? { cubic_coeff_a: { float: attrs.coefficient } } : {}),
    ...(attrs.mode === "cubic" ? { exclude_outside: { int: Number(attrs.excludeOutside) } } : {}),
    ...(isCrop ? { extrapolation_value: { float: attrs.outside } } : {}),
  };
  const inputs = [out.nameOf(operands.input), roi, ...targets(out, node)];
  return out.one("Resize", inputs, attributes, name);
}
