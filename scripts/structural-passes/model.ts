import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Report } from "../../src/diagnostics/report.js";
import { ExampleReader } from "../../src/example-files.js";
import { FileReader } from "../../src/files.js";
import { compileFile } from "../../src/index.js";
import type { Trial } from "./grant-table.js";
import type { Inputs } from "./measure.js";

/** How many examples factors are fitted to at most, and how many networks are judged by. */
const [mostCalibration, mostHeldOut] = [64, 1000];

/** A model of one input with a folder of examples, every second of them to judge by. */
export async function modelTrial(file: string, folder: string): Promise<Trial> {
  const { written } = await compileFile(file, { level: 0 });
  const [input, more] = written.inputs;
  if (!input || more) throw new Error(`${file} has not one input but ${written.inputs.length}`);
  const report = new Report();
  const examples = await new ExampleReader(new FileReader(report), report, {}).read(
    folder,
    input,
    true,
  );
  report.throwIfErrors();
  if (examples.length < 2) throw new Error(`${folder}: at least two examples are needed`);
  const listed = join(folder, "labels.txt");
  const labels = existsSync(listed)
    ? readFileSync(listed, "utf8").trim().split(/\s+/).map(Number)
    : undefined;
  if (labels && labels.length !== examples.length) {
    throw new Error(`${listed} has ${labels.length} lines for ${examples.length} examples`);
  }
  const isHeldOut = (_: unknown, at: number): boolean => at % 2 === 1;
  const inputs = examples.map((data): Inputs => ({ [input.name]: data }));
  return {
    file,
    tolerances: [0.1, 0.3, 0.5],
    calibration: inputs.filter((_, at) => at % 2 === 0).slice(0, mostCalibration),
    heldOut: inputs.filter(isHeldOut).slice(0, mostHeldOut),
    labels: labels?.filter(isHeldOut),
  };
}
