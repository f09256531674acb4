import { type CompileOptions, compile, compileFile } from "../../src/index.js";
import type { Graph } from "../../src/ir/graph.js";
import { best, type Inputs, peakSignalToNoise, type Ready, readyOf, shortest } from "./measure.js";

/** What a network is granted and judged on. */
export interface Trial {
  readonly file: string;
  readonly options?: CompileOptions;
  readonly tolerances: readonly number[];
  readonly calibration: readonly Inputs[];
  readonly heldOut: readonly Inputs[];
  /** What the held-out examples show, where that is known. */
  readonly labels?: ArrayLike<number> | undefined;
}

/** Which grants, how far, and whether with examples. */
interface Choice {
  readonly kind: "separate" | "stack";
  readonly within: number;
  readonly isCalibrated: boolean;
}

const choicesOf = (tolerances: readonly number[]): Choice[] =>
  [false, true].flatMap((isCalibrated) =>
    (["separate", "stack"] as const).flatMap((kind) =>
      tolerances.map((within) => ({ kind, within, isCalibrated })),
    ),
  );

/** Milliseconds that the network is predicted to take, nodes one after the other. */
const predicted = ({ compiled }: Ready): number =>
  compiled.report.passes.at(-1)?.predictedMsAfter ?? Number.NaN;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A table of grants against costs and results, as Markdown. A line of it is told to `progress` when it is known. */
export async function grantTable(trial: Trial, progress: (line: string) => void): Promise<string> {
  const { file, options = {}, tolerances, calibration, heldOut } = trial;
  const { written } = await compileFile(file, { ...options, level: 0 });
  const original = await readyOf(await compile(written, { level: 1 }));
  const expected = heldOut.map((inputs) => original.outputs(inputs));
  const isClassifier = written.outputs.every(({ value }) => value.type.shape.length === 2);
  const heads = isClassifier ? ["accuracy", "same class"] : ["PSNR"];
  const lines = [
    `| grant | within | examples | what was made | MACs | predicted | measured | ${heads.join(" | ")} |`,
    `|---|---|---|---|---|---|---|${heads.map(() => "---|").join("")}`,
    cells(
      "none",
      "",
      "",
      "",
      ...costs(original, original, 1),
      ...judged(trial, expected, expected),
    ),
  ];
  for (const choice of choicesOf(tolerances)) {
    const network = await granted(written, choice, calibration);
    const { rewrites } = network.compiled.report;
    const made = rewrites.filter(({ pass }) => pass === "apply-grants");
    const [before, after] = shortest([original, network], heldOut[0]!);
    const actual = heldOut.map((inputs) => network.outputs(inputs));
    const results =
      made.length === 0
        ? ["nothing", "", "", "", ...heads.map(() => "")]
        : [
            made.map(({ layer, family }) => `${layer}: ${family}`).join("; "),
            ...costs(network, original, after! / before!),
            ...judged(trial, actual, expected),
          ];
    const { kind, within, isCalibrated } = choice;
    lines.push(cells(kind, String(within), isCalibrated ? "yes" : "no", ...results));
    progress(lines.at(-1)!);
  }
  return lines.join("\n");
}

const cells = (...texts: readonly string[]): string => `| ${texts.join(" | ")} |`;

/** The network compiled with a grant for all its layers. */
async function granted(
  written: Graph,
  { kind, within, isCalibrated }: Choice,
  calibration: readonly Inputs[],
): Promise<Ready> {
  const graph = { ...written, grants: [{ kind, path: "", within }] };
  return readyOf(await compile(graph, isCalibrated ? { calibrate: calibration } : {}));
}

function costs(network: Ready, original: Ready, ratio: number): [string, string, string] {
  const macs = network.compiled.report.macs / original.compiled.report.macs;
  return [percent(macs), percent(predicted(network) / predicted(original)), percent(ratio)];
}

/** How good results are: against what examples show and the original's classes, or its pictures. */
function judged(
  { labels }: Trial,
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
): string[] {
  const pairs = actual.map((scores, at) => [scores, expected[at]!] as const);
  if (expected[0]!.length > 1000) {
    const ratio = peakSignalToNoise(pairs);
    return [Number.isFinite(ratio) ? `${ratio.toFixed(1)} dB` : "equal"];
  }
  const share = (count: number): string => percent(count / actual.length);
  const right = actual.filter((scores, at) => best(scores) === labels?.[at]).length;
  const same = pairs.filter(([scores, before]) => best(scores) === best(before)).length;
  return [labels ? share(right) : "", share(same)];
}
