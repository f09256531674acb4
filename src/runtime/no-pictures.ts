import type { InputDescription } from "./description.js";

/** Stands for `pictures.ts` in models whose inputs take none. */
export const picturesOf = (
  _description: InputDescription,
  _view: Float32Array | Uint8Array,
): ((value: unknown) => boolean) | undefined => undefined;
