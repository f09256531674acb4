import { readFileSync } from "node:fs";
import type { CompileOptions } from "../../src/compile-options.js";
import { farthest } from "./difference.js";
import { computeFile, type Filling } from "./outputs.js";
import { computeExported, computeImported, computeReturned, type OnnxRunner } from "./trips.js";

/** How far outputs may be from those of the model itself, relative to the largest. */
export interface Limits {
  readonly text: number;
  readonly onnx: number;
}

/** One way of a model and how far it led: 0 is number for number the same. */
export interface Trip {
  readonly way: string;
  /** The output that differs most. */
  readonly output: string;
  readonly apart: number;
  readonly isWithin: boolean;
  /** Why the way could not be gone. */
  readonly problem?: string;
}

async function walk(
  way: string,
  limit: number,
  go: () => Promise<ReturnType<typeof farthest>>,
): Promise<Trip> {
  try {
    const { name, apart } = await go();
    return { way, output: name, apart, isWithin: apart <= limit };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { way, output: "", apart: Number.POSITIVE_INFINITY, isWithin: false, problem };
  }
}

/**
 * Goes all ways with a model: as `.cnn` text and back (by way of ONNX where it is such a text), and, with a
 * runner, as ONNX to another engine. An engine that reads the original, too, is compared with itself, and what it
 * makes of the export may be as far from our numbers as what it makes of the original.
 */
export async function checkRoundTrips(
  file: string,
  options: CompileOptions,
  fill: Filling,
  limits: Limits,
  run?: OnnxRunner,
): Promise<Trip[]> {
  const here = await computeFile(file, options, fill);
  const isText = /\.cnn$/i.test(file);
  const back = isText
    ? await walk(".cnn → ONNX → .cnn", limits.onnx, async () =>
        farthest((await computeReturned(here, options, fill)).outputs, here.outputs),
      )
    : await walk("import → .cnn", limits.text, async () =>
        farthest((await computeImported(file, options, fill)).outputs, here.outputs),
      );
  if (!run) return [back];
  const exported = () => computeExported(here, run);
  if (!/\.onnx$/i.test(file)) {
    const there = async () => farthest(await exported(), here.outputs);
    return [back, await walk("export → onnxruntime", limits.onnx, there)];
  }
  const original = await run(readFileSync(file), here.inputs);
  const engine = farthest(original, here.outputs).apart;
  const there = async () => farthest(await exported(), here.outputs);
  const alike = async () => farthest(await exported(), original);
  return [
    back,
    await walk("export → onnxruntime", Math.max(limits.onnx, engine), there),
    await walk("export, original", limits.onnx, alike),
  ];
}
