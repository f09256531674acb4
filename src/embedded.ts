import { readFileSync } from "node:fs";
import { templateTag } from "./dsl/template.js";

/** The most characters of a program's source in which a template is looked for. */
const largestSource = 4_000_000;

/** A program's source, for the places of its templates; what cannot be read is left out. */
function readSource(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return text.length <= largestSource ? text : undefined;
  } catch {
    return undefined;
  }
}

/**
 * `.cnn` text in a program: `` cnn`model Tiny { … }` `` gives a syntax tree, which `compile` takes and
 * `print` writes. Interpolated numbers, strings, booleans and lists are data, other templates bring their
 * blocks or stand as stages, and a record of tensors behind `weights` is the model's weights.
 */
export const cnn = templateTag(readSource);
