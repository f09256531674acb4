import { error } from "./entry.js";

/** CNN5xx: files of other programs. */
export const importers = {
  "format-not-available": error<{ file: string; format: string }>(
    "CNN501",
    ({ file, format }) => `${file}: ${format} models are not available yet`,
    () => "this version compiles .cnn files",
  ),
  "format-unknown": error<{ file: string; known: readonly string[] }>(
    "CNN502",
    ({ file, known }) => `${file}: this is no model: a model's file ends in ${known.join(", ")}`,
  ),
};
