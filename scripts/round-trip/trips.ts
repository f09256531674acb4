import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { CompileOptions } from "../../src/compile-options.js";
import { convertFile } from "../../src/convert-model.js";
import { writeOnnx } from "../../src/export/onnx/write-onnx.js";
import { type Computed, computeFile, type Filling, type NamedTensor } from "./outputs.js";

/** Runs an ONNX model on inputs and gives its outputs. */
export type OnnxRunner = (
  model: Uint8Array,
  inputs: readonly NamedTensor[],
) => Promise<readonly NamedTensor[]>;

/** What is done with a folder that is gone afterwards. */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "cnnc-round-trip-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * What a model of another format computes once it has been imported: written as a `.cnn` file and its
 * weights, both read again and compiled. Options that only its own format has a meaning for are in the text.
 */
export const computeImported = (
  file: string,
  options: CompileOptions,
  fill: Filling,
): Promise<Computed> =>
  inFolder(async (folder) => {
    const name = basename(file).replace(/\.[a-z]+$/i, "");
    const { source, weights, batch } = convertFile(file, `${name}.safetensors`, options);
    const text = join(folder, `${name}.cnn`);
    await writeFile(text, source);
    await writeFile(join(folder, `${name}.safetensors`), weights);
    const { shapes, constants, decode, weights: _, ...others } = options;
    return computeFile(text, { ...others, batch }, fill);
  });

/** What a model computes elsewhere once it has been exported to ONNX, on the inputs it was run on here. */
export const computeExported = (
  { compiled, inputs }: Computed,
  run: OnnxRunner,
): Promise<readonly NamedTensor[]> => run(writeOnnx(compiled.written), inputs);

/** What a model computes here once it has been exported to ONNX and imported from there as `.cnn`. */
export const computeReturned = (
  { compiled }: Computed,
  { target }: CompileOptions,
  fill: Filling,
): Promise<Computed> =>
  inFolder(async (folder) => {
    const onnx = join(folder, `${compiled.name}.onnx`);
    await writeFile(onnx, writeOnnx(compiled.written));
    return computeImported(onnx, { target }, fill);
  });
