import { type HandedOver, handOver, handOverExact } from "../hand-over.js";
import { weightsBeside, writeCnnFiles } from "./cnn-file.js";
import type { Invocation } from "./command.js";
import { exit, UsageError } from "./io.js";
import { printChange } from "./numbers.js";
import { readOptions } from "./read-options.js";
import { printTable } from "./table.js";

/** Flags that only a hand-over takes. */
const ownFlags = ["granted", "exact"] as const;

/** Which hand-over the flags ask for; undefined for none. Throws where they contradict each other. */
export function wantedHandOver({
  flags,
}: Invocation): typeof handOver | typeof handOverExact | undefined {
  const given = ownFlags.filter((name) => flags.has(name));
  if (given.length === 0) return undefined;
  const edit = (["separate", "stack", "spatial"] as const).find((name) => flags.has(name));
  const others = [...given.slice(1), ...(edit ? [edit] : [])];
  if (others.length > 0) {
    throw new UsageError(
      `--${given[0]} and --${others[0]} cannot be given together`,
      "--granted and --exact rewrite a trained network, the others edit its source before training",
    );
  }
  return given[0] === "granted" ? handOver : handOverExact;
}

/** Writes a trained network with its rewrites as `.cnn` and `.safetensors`. */
export async function writeHandOver(
  { flags, positionals, printer }: Invocation,
  file: string,
  make: typeof handOver,
): Promise<number> {
  const path = positionals[0]!.text;
  printer.status(`rewriting ${path}`);
  const made = await make(path, weightsBeside(file), readOptions(flags));
  printer.diagnostics(made.diagnostics);
  const paths = (await writeCnnFiles(file, made)).map((written) => written.path);
  for (const line of printChanges(made)) printer.line(line);
  printer.line(`${paths.join(", ")} written; the numbers are where training may go on`);
  if (made.batch !== 1) printer.note(`it computes ${made.batch} images at once`);
  if (!made.othersAsWritten) printer.note("batch norms are folded into convolutions everywhere");
  return exit.fine;
}

const columns = [
  { title: "layer" },
  { title: "how" },
  { title: "parameters", right: true },
  { title: "MACs", right: true },
  { title: "error", right: true },
];

/** What became of the layers, and of the whole model. */
function printChanges({ changes, before, after, gate }: HandedOver): string[] {
  const percent = (error: number) => `${(100 * error).toFixed(2)} %`;
  const rows = changes.map((made) => [
    made.layer,
    made.family,
    printChange(made.paramsBefore, made.paramsAfter),
    printChange(made.macsBefore, made.macsAfter),
    percent(Number.isNaN(made.outputError) ? made.weightError : made.outputError),
  ]);
  const [params, macs] = [
    printChange(before.params, after.params),
    printChange(before.macs, after.macs),
  ];
  const moved = gate ? percent(gate.relativeError) : "";
  return printTable(columns, [...rows, undefined, ["whole model", "", params, macs, moved]]);
}
