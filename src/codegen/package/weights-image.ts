import { InternalError } from "../../diagnostics/report.js";
import type { Plan } from "../plan/plan.js";

/** The constants as they lie at the start of the model's memory. */
export function weightsImage(plan: Plan): Uint8Array {
  const image = new Uint8Array(plan.weightBytes);
  for (const { label, address, data } of plan.weights) {
    if (address + data.byteLength > image.length) {
      throw new InternalError(`weights ${label} lie outside the ${image.length} bytes planned`);
    }
    image.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
  }
  return image;
}
