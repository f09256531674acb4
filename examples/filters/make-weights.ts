/** Writes the weights of filters.cnn: run it after a change of kernels.ts. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import { kernels } from "./kernels.js";

for (const [name, { shape, data }] of Object.entries(kernels)) {
  const bytes = writeSafetensors({ "filter.weight": { dtype: "float32", shape, data } });
  writeFileSync(path.join(import.meta.dirname, `${name}.safetensors`), bytes);
}
