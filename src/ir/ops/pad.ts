import { f32, printType, sizeOf, stridesOf, type TensorType } from "../types.js";
import { checkCounts, checkFloat, checkPerAxis } from "./check.js";
import { type Operator, ShapeError } from "./operator.js";
import type { ShapeOperands } from "./shape.js";

export interface PadAttributes {
  /** Per axis, elements added in front and behind; never negative. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** `reflect` mirrors without repeating the border element; `edge` repeats it. */
  readonly mode: "constant" | "reflect" | "edge";
  /** What `constant` fills with. */
  readonly value: number;
}

function checkReflection(input: TensorType, { before, after }: PadAttributes): void {
  input.shape.forEach((size, axis) => {
    const amount = Math.max(before[axis]!, after[axis]!);
    if (amount < size) return;
    throw new ShapeError("pad-too-large", { axis, amount, input: printType(input) });
  });
}

/** The element of `0 … size − 1` that `at` shows; undefined where it shows the fill value. */
function sourceOf(at: number, size: number, mode: PadAttributes["mode"]): number | undefined {
  if (at >= 0 && at < size) return at;
  if (mode === "constant") return undefined;
  if (mode === "edge") return at < 0 ? 0 : size - 1;
  return at < 0 ? -at : 2 * (size - 1) - at;
}

/** Adds elements around a tensor, along any of its axes. */
export const pad: Operator<ShapeOperands, PadAttributes> = {
  infer: ({ input }, attrs) => {
    checkFloat("pad", "input", input);
    checkPerAxis("pad", "before", attrs.before, input);
    checkPerAxis("pad", "after", attrs.after, input);
    checkCounts("pad", "before", attrs.before, 0);
    checkCounts("pad", "after", attrs.after, 0);
    if (attrs.mode === "reflect") checkReflection(input, attrs);
    return [
      f32(...input.shape.map((size, axis) => size + attrs.before[axis]! + attrs.after[axis]!)),
    ];
  },
  macs: () => 0,
  evaluate: ({ input }, { before, mode, value }, results) => {
    const { shape } = results[0]!;
    const strides = stridesOf(input.shape);
    const sources = shape.map((size, axis) =>
      Array.from({ length: size }, (_, at) =>
        sourceOf(at - before[axis]!, input.shape[axis]!, mode),
      ),
    );
    const resultStrides = stridesOf(shape);
    const data = new Float64Array(sizeOf(shape)).map((_, at) => {
      let from = 0;
      for (let axis = 0; axis < shape.length; axis++) {
        const index = Math.floor(at / resultStrides[axis]!) % shape[axis]!;
        const source = sources[axis]![index];
        if (source === undefined) return value;
        from += source * strides[axis]!;
      }
      return input.data[from]!;
    });
    return [{ shape, data }];
  },
};
