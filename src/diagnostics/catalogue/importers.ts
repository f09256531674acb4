import { error } from "./entry.js";

/** CNN5xx: files of other programs. */
export const importers = {
  "decode-without-heads": error<Readonly<Record<never, never>>>(
    "CNN501",
    () => "the option decode is for Darknet models with detection heads: this one has none",
  ),
  "cannot-write-cnn": error<{ model: string; count: number; nodes: readonly string[] }>(
    "CNN540",
    ({ model, count }) =>
      `model ${JSON.stringify(model)} cannot be written as .cnn: the language has no words for ${count} of its nodes`,
    ({ nodes }) => [...nodes.slice(0, 20), ...(nodes.length > 20 ? ["…"] : [])].join("\n    "),
  ),
  "cannot-write-pytorch": error<{ model: string; count: number; nodes: readonly string[] }>(
    "CNN541",
    ({ model, count }) =>
      `model ${JSON.stringify(model)} cannot be written for PyTorch: ${count} of its nodes have no form there`,
    ({ nodes }) => [...nodes.slice(0, 20), ...(nodes.length > 20 ? ["…"] : [])].join("\n    "),
  ),
  "format-is-no-text": error<{ file: string; format: string }>(
    "CNN503",
    ({ file, format }) => `${file}: ${format} models are no text of the language`,
    () => "this is for .cnn files",
  ),
  "option-needs-text": error<{ option: string; format: string }>(
    "CNN504",
    ({ option, format }) => `the option ${option} is for .cnn files: ${format} models have none`,
  ),
  "format-unknown": error<{ file: string }>(
    "CNN502",
    ({ file }) => `${file}: this is no model: a model's file ends in .cnn, .onnx, .cfg or .json`,
  ),
};
