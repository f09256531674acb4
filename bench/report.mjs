// The page that a whole run writes: what was measured, on what, how, and the tables.
import {
  bytes,
  kernelColumns,
  milliseconds,
  sizeColumns,
  startColumns,
  timeColumns,
  titles,
} from "./columns.mjs";
import { machine, versionsOf } from "./machine.mjs";
import { largestDifference } from "./outputs.mjs";
import { markdownTable } from "./table.mjs";

/** Parts of a page, those that there are, with an empty line between. */
const blocks = (...parts) => parts.filter(Boolean).join("\n\n");

const listed = (items) => items.map((item) => `- ${item}`).join("\n");

function headOf({ engines, command, peak }) {
  const intro = [
    `Written by \`${command}\`; [bench/README.md](../bench/README.md) says how to run it, and the last part of this`,
    "page what is measured. Ratios are our time divided by theirs: below 1 we are faster.",
  ];
  const limit = `${peak.toFixed(1)} GFLOP/s at most on one thread, by the probe that is described below`;
  const facts = [machine.cpu, machine.node, ...versionsOf(engines), ...(peak > 0 ? [limit] : [])];
  return blocks("# Benchmarks", intro.join("\n"), listed(facts));
}

/** What did not run, once for each reason. */
function notesOf(rows) {
  const notes = new Map();
  for (const { title, figures } of rows) {
    for (const [engine, { problem }] of Object.entries(figures)) {
      const note = `${titles[engine]}: ${problem}`;
      if (problem) notes.set(note, [...(notes.get(note) ?? []), title]);
    }
  }
  const where = (names) => (names.length === rows.length ? "all networks" : names.join(", "));
  return listed([...notes].map(([note, names]) => `${note} (${where(names)})`));
}

const hasTimes = (rows, engine) => rows.some(({ figures }) => figures[engine]?.ms !== undefined);

function bitsOf(rows) {
  const compared = rows.filter(({ figures }) => figures.cnnc.sameBits !== undefined);
  const same = compared.filter(({ figures }) => figures.cnnc.sameBits);
  if (compared.length === 0) return undefined;
  return `Our outputs equal those of one thread bit for bit in ${same.length} of ${compared.length} networks.`;
}

function timesOf(threads, rows, engines) {
  const own = rows.filter((row) => row.threads === threads);
  const shown = engines.filter((engine) => engine === "cnnc" || hasTimes(own, engine));
  const title = { 1: "One thread", 2: "Two threads" }[threads];
  const table = markdownTable(timeColumns(shown, threads), own);
  return blocks(`## ${title}`, table, bitsOf(own), notesOf(own));
}

function kernelsOf(kernels) {
  if (kernels.length === 0) return undefined;
  const intro = [
    "One layer's kernel without the copies of its input and output into and out of our order, on one thread.",
    "`direct` is computed as it is written; Winograd's algorithm needs fewer operations than are counted.",
  ];
  return blocks("## Kernels alone", intro.join("\n"), markdownTable(kernelColumns, kernels));
}

function typescriptOf(rows) {
  const timed = rows.filter(({ typescript }) => typescript);
  if (timed.length === 0) return undefined;
  const items = timed.map(
    ({ title, typescript: { ms, gflops } }) =>
      `${title}: ${milliseconds(ms)} ms, ${gflops.toFixed(1)} GFLOP/s`,
  );
  return blocks("## TypeScript target", listed(items));
}

function startsOf(rows, engines) {
  const intro = [
    "Milliseconds from the start of a process to its first result, those of the first inference alone, and MiB at",
    "most. `empty` is a process that only starts Node.",
  ];
  const table = markdownTable(startColumns([...engines, "empty"]), rows);
  return blocks("## Start and memory", intro.join("\n"), table);
}

function sizesOf(rows, runtimes) {
  if (runtimes.length === 0) return undefined;
  const items = runtimes.map(({ engine, raw, gzip, files }) => {
    const names = files.map((file) => `\`${file}\``).join(", ");
    return `${titles[engine]}: ${bytes(raw)}, ${bytes(gzip)} with gzip (${names})`;
  });
  return blocks(
    "## Downloads",
    "The others need their runtime, whatever the network:",
    listed(items),
    "Ours is the module with its kernels, weights apart:",
    markdownTable(sizeColumns, rows),
  );
}

const methodOf = ({ rounds, seconds, coldStarts }) => `## What is measured

- Networks are compiled from their \`.cnn\` files with seeded weights. The ONNX runtimes read what our own writer
  exports, with all graph optimisations; TF.js runs the optimised graph through its fused operators, with SIMD.
- Before anything is timed, all engines compute the same input. Outputs may differ by ${largestDifference} of the largest
  output; an engine whose outputs differ more is not timed.
- A time is one inference from input array to output array, one image, float32: the median of a process that is warmed
  up and then sampled for ${seconds} s. Engines take turns in ${rounds} rounds of fresh processes; a time is the median of the
  rounds, a ratio the median of the rounds' ratios.
- Our results go to the arrays of the run before (\`run(inputs, outputs)\`); the other engines make new arrays every time.
- Arrays have their channels first, as \`.cnn\` and ONNX have them. TF.js has channels last: its arrays are turned before
  and after what is timed, its weights when the network is compiled.
- GFLOP/s count two operations for each multiply-accumulate of the network as it is written. An algorithm that needs
  fewer can pass the peak.
- The peak is what the inner loop of a direct convolution reaches on data in the first-level cache (2 pixels by 16
  channels, \`src/measure/probe.ts\`), measured in each of our processes after its samples.
- A cold start is clocked from outside a fresh process, until it says that the first result is there; the median of
  ${coldStarts}. Memory is the most that the process has held ten inferences later.`;

/** The page as Markdown. `rows` are all networks on one thread and on two. */
export function printReport({ rows, kernels, engines, runtimes, ...run }) {
  const alone = rows.filter(({ threads }) => threads === 1);
  const peaks = alone.map(({ figures }) => figures.cnnc.peak).filter(Boolean);
  const page = blocks(
    headOf({ engines, peak: Math.max(0, ...peaks), ...run }),
    timesOf(1, rows, engines),
    timesOf(2, rows, engines),
    kernelsOf(kernels),
    typescriptOf(alone),
    startsOf(alone, engines),
    sizesOf(alone, runtimes),
    methodOf(run),
  );
  return `${page}\n`;
}
