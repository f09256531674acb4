import { sizeOf } from "../ir/types.js";
import type { Feeds } from "../measure/compare.js";
import type { LoadedModel } from "../runtime/model.js";
import { generator } from "../weights/initialise.js";

/** Seeded noise for every input of a model. */
export function noiseFeeds(model: Pick<LoadedModel, "inputNames" | "inputs">): Feeds {
  const entries = model.inputNames.map((name) => {
    const { shape, dtype } = model.inputs[name]!;
    const next = generator(1, name);
    const size = sizeOf(shape);
    const noise =
      dtype === "uint8"
        ? Uint8Array.from({ length: size }, () => 256 * next())
        : Float32Array.from({ length: size }, () => 2 * next() - 1);
    return [name, noise] as const;
  });
  return Object.fromEntries(entries);
}
