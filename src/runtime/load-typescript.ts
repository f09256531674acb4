import type { Description } from "./description.js";
import { createModel, type LoadedModel } from "./model.js";
import { checkOptions } from "./options.js";
import { loadWeights } from "./weights.js";

/** Makes a memory with the weights at its start and gives the model over kernels in JavaScript. */
export async function loadTypescript(
  description: Description,
  createKernels: (buffer: ArrayBuffer) => () => void,
  weights: () => unknown,
  options: unknown,
): Promise<LoadedModel> {
  const asked = checkOptions(options, ["threads", "weights"]);
  const buffer = new ArrayBuffer(4 * Math.ceil(description.memoryBytes / 4));
  await loadWeights(description, weights(), buffer);
  const threadsReason = asked > 1 ? "kernels in TypeScript run on one thread" : undefined;
  const infer = createKernels(buffer);
  return createModel(
    description,
    { buffer, infer, threads: 1, threadsReason },
    { variant: "typescript" },
  );
}
