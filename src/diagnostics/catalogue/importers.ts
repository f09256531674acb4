import { error } from "./entry.js";

/** CNN5xx: files of other programs. */
export const importers = {
  "format-not-available": error<{ file: string; format: string }>(
    "CNN501",
    ({ file, format }) => `${file}: ${format} models are not available yet`,
    () => "this version compiles .cnn files",
  ),
  "format-unknown": error<{ file: string }>(
    "CNN502",
    ({ file }) => `${file}: this is no model: a model's file ends in .cnn`,
  ),
};
