import { fileURLToPath } from "node:url";
import { type Digits, loadDigits, pixels } from "../../examples/digits/training/data.js";
import type { Trial } from "./grant-table.js";
import type { Inputs } from "./measure.js";

/** How many training digits factors are fitted to and measured on. */
const calibrationDigits = 64;

const pictures = ({ images, labels }: Digits): Inputs[] =>
  Array.from(labels, (_, at) => ({ image: images.slice(at * pixels, (at + 1) * pixels) }));

/** The digits example: calibrated on training digits of all classes, judged by the 1,000 that training never saw. */
export function digitsTrial(): Trial {
  const { training, heldOut } = loadDigits();
  const all = pictures(training);
  const every = Math.floor(all.length / calibrationDigits);
  return {
    file: fileURLToPath(new URL("../../examples/digits/digits.cnn", import.meta.url)),
    tolerances: [0.1, 0.3, 0.5],
    calibration: all.filter((_, at) => at % every === 0).slice(0, calibrationDigits),
    heldOut: pictures(heldOut),
    labels: heldOut.labels,
  };
}
