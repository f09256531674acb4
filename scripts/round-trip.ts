/**
 * Imports models as `.cnn`, exports them as ONNX, and compares what each form computes:
 *
 *     npx tsx scripts/round-trip.ts FILE… [--shape NAME=1,3,H,W] [--weights FILE] [--batch N]
 *       [--input FILE.npy]… [--range=FROM,TO] [--limit X]
 *
 * Inputs are read from files in the model's order, or are pictures of numbers in the range (0,1); `--limit` is
 * how far onnxruntime may be away (1e-5). What is exported runs where `test/zoo` is installed. Differences are
 * relative to an output's largest number.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { printTable } from "../src/cli/table.js";
import { Report } from "../src/diagnostics/report.js";
import { readNpy } from "../src/weights/npy.js";
import { toFloat32 } from "../src/weights/store.js";
import { checkRoundTrips } from "./round-trip/check.js";
import { picture } from "./round-trip/picture.js";
import type { OnnxRunner } from "./round-trip/trips.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shape: { type: "string", multiple: true },
    weights: { type: "string" },
    batch: { type: "string" },
    input: { type: "string", multiple: true },
    range: { type: "string", default: "0,1" },
    limit: { type: "string", default: "1e-5" },
  },
});
if (positionals.length === 0) {
  console.error("usage: round-trip.ts FILE… [--shape NAME=1,3,H,W] [--weights FILE] [--range=0,1]");
  process.exit(2);
}

const numbersOf = (text: string): number[] => text.split(",").map(Number);

/** The runner of `test/zoo`, where it is installed. */
async function findRunner(): Promise<OnnxRunner | undefined> {
  const zoo = new URL("../test/zoo/", import.meta.url);
  if (!existsSync(new URL("node_modules/onnxruntime-web", zoo))) return undefined;
  const module: { readonly runInOnnxruntime: OnnxRunner } = await import(
    new URL("onnxruntime.ts", zoo).href
  );
  return module.runInOnnxruntime;
}

function readInput(file: string): Float32Array {
  const report = new Report();
  const tensor = readNpy(readFileSync(file), { file, report });
  report.throwIfErrors();
  if (!tensor) throw new Error(`${file} has no numbers`);
  return toFloat32(tensor);
}

const given = (values.input ?? []).map(readInput);
const shapes = Object.fromEntries(
  (values.shape ?? []).map((text) => {
    const [name = "", sizes = ""] = text.split("=");
    return [name, numbersOf(sizes)];
  }),
);
const [from = 0, to = 1] = numbersOf(values.range);
const limits = { text: 1e-6, onnx: Number(values.limit) };
const run = await findRunner();
const rows: string[][] = [];
for (const file of positionals) {
  for (const target of ["wasm", "ts"] as const) {
    const options = {
      target,
      shapes,
      weights: values.weights,
      batch: values.batch === undefined ? undefined : Number(values.batch),
    };
    const fill = (shape: readonly number[], place: number) =>
      given[place] ?? picture(shape, place + 1, from, to);
    for (const trip of await checkRoundTrips(file, options, fill, limits, run)) {
      const { way, output, apart, isWithin, problem } = trip;
      if (!isWithin) process.exitCode = 1;
      const far = apart === 0 ? "0" : apart.toExponential(1);
      const verdict = problem ?? (isWithin ? "ok" : "TOO FAR");
      rows.push([file.split("/").slice(-2).join("/"), target, way, output, far, verdict]);
    }
  }
}
const columns = ["model", "target", "way", "output", "apart", ""].map((title) => ({ title }));
for (const line of printTable(columns, rows)) console.log(line);
if (!run) console.log("test/zoo is not installed: nothing ran in onnxruntime");
