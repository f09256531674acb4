import { basename, dirname } from "node:path";
import type { WrittenFiles } from "../convert-model.js";
import { writeAll } from "../files.js";
import type { Invocation } from "./command.js";
import { UsageError } from "./io.js";

/** The `.cnn` file that a command is to write, as its flags name it. */
export function outputCnn({ flags }: Pick<Invocation, "flags">, command: string): string {
  const file = flags.text("out");
  if (file === undefined) {
    throw new UsageError(`${command} needs a file to write`, "add -o FILE.cnn");
  }
  if (!/\.cnn$/i.test(file)) throw new UsageError(`${file}: the file to write ends in .cnn`);
  return file;
}

/** The name of the weights file beside a `.cnn` file. */
export const weightsBeside = (file: string): string =>
  basename(file).replace(/\.cnn$/i, ".safetensors");

/** Writes a model's text, and its weights beside it where there are any; the paths and sizes of what was written. */
export async function writeCnnFiles(
  file: string,
  { source, weights }: Pick<WrittenFiles, "source"> & Partial<Pick<WrittenFiles, "weights">>,
): Promise<{ readonly path: string; readonly bytes: number }[]> {
  const files = new Map<string, Uint8Array>([[basename(file), new TextEncoder().encode(source)]]);
  if (weights) files.set(weightsBeside(file), weights);
  const paths = await writeAll(dirname(file), files);
  const sizes = [...files.values()].map(({ length }) => length);
  return paths.map((path, at) => ({ path, bytes: sizes[at]! }));
}
