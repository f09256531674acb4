// The page that a whole run writes: what was measured, on what, how, and the tables.
import { bytes, milliseconds, sizeColumns, startColumns, timeColumns, titles } from "./columns.mjs";
import { machine, versionsOf } from "./machine.mjs";
import { largestDifference } from "./outputs.mjs";
import { markdownTable } from "./table.mjs";

const paragraph = (...lines) => lines.filter(Boolean).join("\n");

const listed = (items) => items.map((item) => `- ${item}`).join("\n");

function headOf({ engines, command, peak }) {
  return paragraph(
    "# Benchmarks",
    "",
    `Written by \`${command}\`; see [bench/README.md](../bench/README.md) for what it does. Ratios are our`,
    "time divided by theirs: below 1 we are faster.",
    "",
    listed(
      [
        machine.cpu,
        machine.node,
        ...versionsOf(engines),
        peak && `${peak.toFixed(1)} GFLOP/s of one thread at most, as the probe below measures it`,
      ].filter(Boolean),
    ),
  );
}

function methodOf({ rounds, seconds, coldStarts }) {
  return paragraph(
    "## How",
    "",
    listed([
      "Networks are compiled from their `.cnn` files with seeded weights. The ONNX runtimes read what our own writer\n" +
        "  exports, with all graph optimisations; TF.js gets the optimised graph through its fused operators.",
      `Every engine computes the same input first. Outputs may differ by ${largestDifference} of the largest output; an engine\n` +
        "  whose outputs differ more is not timed.",
      "A time is one inference from input array to output array, batch 1, float32: the median of one process,\n" +
        `  warmed up and then sampled for ${seconds} s, and of ${rounds} such processes. Engines take turns, and a ratio is the\n` +
        "  median of the rounds' ratios.",
      "GFLOP/s count two operations for each multiply-accumulate of the network as it is written. An algorithm that\n" +
        "  needs fewer can pass the peak.",
      "The peak is what the inner loop of a direct convolution reaches on data in the first-level cache (2 pixels by\n" +
        "  16 channels, `src/measure/probe.ts`), measured in each of our processes after its samples.",
      `A cold start is the time from starting a fresh process to its first result, the median of ${coldStarts}; memory is the\n` +
        "  most that the process held, ten inferences later.",
    ]),
  );
}

const notesOf = (rows) =>
  listed(
    rows.flatMap(({ title, figures }) =>
      Object.entries(figures)
        .filter(([, { problem }]) => problem)
        .map(([engine, { problem }]) => `${title}, ${titles[engine]}: ${problem}`),
    ),
  );

const hasTimes = (rows, engine) => rows.some(({ figures }) => figures[engine]?.ms !== undefined);

function timesOf(threads, rows, engines) {
  const title = threads === 1 ? "## One thread" : `## ${threads === 2 ? "Two" : threads} threads`;
  const shown = engines.filter((engine) => engine === "cnnc" || hasTimes(rows, engine));
  const table = markdownTable(timeColumns(shown, threads), rows);
  const compared = rows.filter(({ figures }) => figures.cnnc.sameBits !== undefined);
  const same = compared.filter(({ figures }) => figures.cnnc.sameBits);
  const bits =
    compared.length > 0 &&
    `Outputs equal those of one thread bit for bit in ${same.length} of ${compared.length} networks.`;
  const parts = [title, table, bits, notesOf(rows)];
  return parts.filter(Boolean).join("\n\n");
}

function startsOf(rows, engines) {
  return paragraph(
    "## Start and memory",
    "",
    "Milliseconds from process start to first result, those of the first inference alone, and MiB at most; `empty` is",
    "a process that only starts Node.",
    "",
    markdownTable(startColumns([...engines, "empty"]), rows),
  );
}

function sizesOf(rows, runtimes) {
  const lines = runtimes.map(
    ({ engine, raw, gzip, files }) =>
      `${titles[engine]}: ${bytes(raw)}, ${bytes(gzip)} with gzip (${files.map((file) => `\`${file}\``).join(", ")})`,
  );
  return paragraph(
    "## Downloads",
    "",
    "Of ours the module and its kernels, weights apart. The others need their runtime, whatever the network:",
    "",
    listed(lines),
    "",
    markdownTable(sizeColumns, rows),
  );
}

function typescriptOf(rows) {
  const timed = rows.filter(({ typescript }) => typescript?.ms !== undefined);
  if (timed.length === 0) return undefined;
  const lines = timed.map(
    ({ title, typescript: { ms, gflops } }) =>
      `${title}: ${milliseconds(ms)} ms, ${gflops.toFixed(1)} GFLOP/s`,
  );
  return paragraph("## TypeScript target", "", listed(lines));
}

/** The page as Markdown. `rows` are all networks on all numbers of threads. */
export function printReport({ rows, engines, runtimes, threads, ...run }) {
  const alone = rows.filter((row) => row.threads === 1);
  const peaks = alone.map(({ figures }) => figures.cnnc.peak).filter(Boolean);
  const parts = [
    headOf({ engines, peak: peaks.length && Math.max(...peaks), ...run }),
    ...threads.map((count) =>
      timesOf(
        count,
        rows.filter((row) => row.threads === count),
        engines,
      ),
    ),
    typescriptOf(alone),
    startsOf(alone, engines),
    runtimes.length > 0 && sizesOf(alone, runtimes),
    methodOf(run),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
