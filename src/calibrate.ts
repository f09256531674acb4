import { resolve } from "node:path";
import type { CompileOptions } from "./compile-options.js";
import { graphComputer } from "./compute-graph.js";
import type { Report } from "./diagnostics/report.js";
import { ExampleReader, wholeBatch } from "./example-files.js";
import { FileReader } from "./files.js";
import type { Grant, Graph, GraphInput } from "./ir/graph.js";
import type { Calibration, Sample } from "./passes/calibration.js";
import { calibrationOf } from "./passes/check-grants.js";
import { letRewrite } from "./passes/grants/granted-convs.js";
import { noiseCalibration } from "./passes/grants/noise-calibration.js";
import { rootOf, type Source, withGrants } from "./pipeline.js";

/** One of so many examples is kept back, to measure on. */
const heldOutEvery = 4;

/**
 * What granted rewrites are fitted to and measured on: the examples of the option or of a `calibrate` line, else
 * noise to measure on. Undefined when no layer may be rewritten. Throws when examples do not fit the inputs.
 */
export async function calibrationFor(
  source: Source,
  graph: Graph,
  options: CompileOptions,
  report: Report,
): Promise<Calibration | undefined> {
  const { grants } = withGrants(graph, options);
  if ((options.level ?? 2) < 2 || !letRewrite(grants)) return undefined;
  const compute = await graphComputer();
  const line = calibrationOf(grants);
  if (!line) return noiseCalibration(graph, compute);
  const samples = await samplesOf(source, graph, { line, options, report });
  report.throwIfErrors();
  return { ...divide(samples, line, report), compute };
}

/** Every fourth example is held out; a single one has to serve for both. */
function divide(
  samples: readonly Sample[],
  line: Grant,
  report: Report,
): Pick<Calibration, "fit" | "heldOut"> {
  if (samples.length === 1) {
    report.add("calibration-too-few", { from: line.value ?? "" }, { span: line.span });
    return { fit: samples, heldOut: samples };
  }
  const every = Math.min(heldOutEvery, samples.length);
  const isHeldOut = (at: number): boolean => at % every === every - 1;
  return {
    fit: samples.filter((_, at) => !isHeldOut(at)),
    heldOut: samples.filter((_, at) => isHeldOut(at)),
  };
}

interface Wanted {
  readonly line: Grant;
  readonly options: CompileOptions;
  readonly report: Report;
}

/** The examples by the batch of the graph, checked. */
async function samplesOf(
  source: Source,
  graph: Graph,
  { line, options, report }: Wanted,
): Promise<readonly Sample[]> {
  const { calibrate, base = "." } = options;
  const place = { span: line.span };
  if (typeof calibrate === "object") {
    const given = [...calibrate].map((sample, at) => {
      const from = `calibrate: example ${at + 1}`;
      checkNames(graph, sample, from, report);
      return new Map(
        graph.inputs.map((input) => [input.name, checked(input, sample, from, report)]),
      );
    });
    if (given.length === 0) report.add("calibration-empty", { from: "calibrate" });
    return given;
  }
  const named = line.value ?? "";
  const isFile = source.kind === "file" || line.option === undefined;
  const folder = isFile ? resolve(named) : resolve(base, named);
  const root = line.option === undefined ? rootOf(source, options) : undefined;
  const reader = new ExampleReader(new FileReader(report, root), report, place);
  const lists = new Map<string, readonly Float32Array[]>();
  for (const input of graph.inputs) {
    lists.set(input.name, await reader.read(folder, input, graph.inputs.length === 1));
  }
  if (report.hasErrors) return [];
  const counts = new Set([...lists.values()].map(({ length }) => length));
  if (counts.size > 1) {
    const found = [...lists].map(([name, { length }]) => `${length} of ${JSON.stringify(name)}`);
    const problem = `each example needs every input, and there are ${found.join(", ")}`;
    report.add("calibration-unfit", { from: named, problem }, place);
    return [];
  }
  return Array.from({ length: [...counts][0] ?? 0 }, (_, at) => {
    return new Map([...lists].map(([name, list]) => [name, list[at]!]));
  });
}

/** Reports what an example gives to no input. */
function checkNames({ inputs }: Graph, sample: object, from: string, report: Report): void {
  for (const name of Object.keys(Object(sample))) {
    if (inputs.some((input) => input.name === name)) continue;
    const problem = `there is no input ${JSON.stringify(name)}`;
    report.add("calibration-unfit", { from, problem });
  }
}

/** The array of one input of an example that a caller gives. */
function checked(
  input: GraphInput,
  sample: Readonly<Record<string, Float32Array>>,
  from: string,
  report: Report,
): Float32Array {
  const { name } = input;
  const own: unknown = Object.hasOwn(Object(sample), name) ? sample[name] : undefined;
  if (own instanceof Float32Array) return wholeBatch(input, own, from, report);
  const problem = `input ${JSON.stringify(name)} must be a Float32Array`;
  report.add("calibration-unfit", { from, problem });
  return new Float32Array();
}
