import { stridesOf } from "../../ir/types.js";
import type { Layout } from "./layout.js";
import { denseSize, denseStart, isRowMajor } from "./strides.js";

/** A constant's row-major data as a dense layout stores it, zeros in its halo. */
export function layOut(data: Float32Array, layout: Layout): Float32Array {
  if (isRowMajor(layout) && denseSize(layout) === data.length) return data;
  const { shape } = layout.type;
  const from = stridesOf(shape);
  const laid = new Float32Array(denseSize(layout));
  const fill = (axis: number, source: number, target: number): void => {
    if (axis === shape.length) {
      laid[target] = data[source]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) {
      fill(axis + 1, source + i * from[axis]!, target + i * layout.strides[axis]!);
    }
  };
  fill(0, 0, denseStart(layout));
  return laid;
}
