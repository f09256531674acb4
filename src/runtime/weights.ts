import type { Description } from "./description.js";
import { hashBytes } from "./hash.js";
import { readInto } from "./sources.js";

/** Loads the weights file to its place in memory. Throws unless it is what the module was built with. */
export async function loadWeights(
  { weightAddress, weightBytes, hash }: Description,
  source: unknown,
  memory: ArrayBufferLike,
): Promise<void> {
  const place = new Uint8Array(memory, weightAddress, weightBytes);
  await readInto("weights", source, place);
  if (hashBytes(place) === hash.weights) return;
  throw new Error(
    "weights belong to another build of the model, or are damaged: wrong content hash",
  );
}
