import type { Description } from "./description.js";
import { createModel, type LoadedModel } from "./model.js";
import { checkOptions } from "./options.js";
import { checkBytes, readBytes } from "./sources.js";

/** Makes a memory with the weights at its start and gives the model over kernels in JavaScript. */
export async function loadTypescript(
  description: Description,
  createKernels: (buffer: ArrayBuffer) => () => void,
  weights: () => unknown,
  options: unknown,
): Promise<LoadedModel> {
  const threads = checkOptions(options, ["threads", "weights"]);
  const constants = await readBytes("weights", weights());
  checkBytes("weights", constants, description.weightBytes, description.hash.weights);
  const buffer = new ArrayBuffer(4 * Math.ceil(description.memoryBytes / 4));
  new Uint8Array(buffer).set(constants);
  return createModel(description, { buffer, infer: createKernels(buffer) }, threads);
}
