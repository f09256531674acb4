import type { OnnxEmitter } from "./emitter.js";

/** Writes a reshape to `shape`, which is stored with the model. */
export const reshaped = (
  out: OnnxEmitter,
  x: string,
  shape: readonly number[],
  label: string,
): string => out.one("Reshape", [x, out.int64s("shape", shape)], {}, label);
