import { InternalError } from "../../diagnostics/report.js";
import { halfBits } from "../plan/half.js";
import type { Plan } from "../plan/plan.js";

/** The bytes of the weights file: the constants in the order of memory, in the file's precision. */
export function weightsImage(plan: Plan): Uint8Array {
  const image = memoryImage(plan);
  return plan.weightsFile.precision === "f16" ? halvesOf(image) : image;
}

function halvesOf({ buffer }: Uint8Array<ArrayBuffer>): Uint8Array {
  const halves = new Uint8Array(buffer.byteLength / 2);
  const view = new DataView(halves.buffer);
  new Float32Array(buffer).forEach((value, i) => {
    view.setUint16(2 * i, halfBits(value), true);
  });
  return halves;
}

/** The constants as they lie at the start of the model's memory. */
function memoryImage(plan: Plan): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(plan.weightBytes);
  for (const { label, address, data } of plan.weights) {
    if (address + data.byteLength > image.length) {
      throw new InternalError(`weights ${label} lie outside the ${image.length} bytes planned`);
    }
    image.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
  }
  return image;
}
