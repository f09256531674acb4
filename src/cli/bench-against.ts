import type { Compiled } from "../compiled.js";
import { instantiate } from "../instantiate.js";
import { type Comparison, compareRivals, type Rival } from "../measure/compare.js";
import { openOnnxruntime } from "../measure/onnxruntime.js";
import type { LoadedModel } from "../runtime/model.js";
import type { Invocation } from "./command.js";
import { exit, UsageError } from "./io.js";
import { noiseFeeds } from "./noise-feeds.js";
import { printMs } from "./numbers.js";

/** Outputs that are further apart than this, as a share of the largest, are not those of one network. */
const mostDifference = 1e-3;

const rivalOf = (model: LoadedModel): Rival => {
  let results: ReturnType<LoadedModel["run"]> | undefined;
  return {
    name: "cnnc",
    run: async (feeds) => {
      results = model.run(feeds, results);
      return new Map(
        Object.entries(results).map(([name, data]) => [
          name,
          data instanceof Float32Array ? data : Float32Array.from(data),
        ]),
      );
    },
  };
};

/** Runs the network as it was written in onnxruntime-web too, and tells how the times compare. */
export async function benchAgainst(
  { flags, printer }: Invocation,
  compiled: Compiled,
  threads: number | undefined,
): Promise<number> {
  const theirs = await openOnnxruntime(compiled.written, process.cwd(), threads ?? 1);
  if (!theirs) {
    throw new UsageError(
      "onnxruntime-web is not installed in this folder or one above it",
      "npm install onnxruntime-web",
    );
  }
  const model = await instantiate(compiled, { threads });
  printer.threads(model);
  printer.status("measuring");
  const comparison = await compareRivals(rivalOf(model), theirs, noiseFeeds(model));
  model.dispose();
  const agrees = comparison.difference <= mostDifference;
  if (flags.has("json")) {
    printer.json({
      model: compiled.name,
      runtime: theirs.name,
      threads: threads ?? 1,
      ...comparison,
    });
  } else if (agrees) for (const line of linesOf(compiled.name, comparison)) printer.line(line);
  if (!agrees) {
    printer.note(
      `the outputs differ by ${comparison.difference.toPrecision(2)} of the largest: the times do not compare`,
    );
  }
  return agrees ? exit.fine : exit.wrongInput;
}

const linesOf = (model: string, { difference, ours, theirs, ratio, rounds }: Comparison) => [
  `${model}: ${printMs(ours)}, onnxruntime-web: ${printMs(theirs)} (medians of ${rounds} rounds in turns)`,
  `ratio ${ratio.toFixed(3)}: ${(1 / ratio).toFixed(2)} times as fast`,
  `outputs agree within ${difference.toPrecision(2)} of the largest`,
];
