// Times cnnc beside other engines on the very same networks; see README.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { kernelColumns, timeColumns, titles } from "./columns.mjs";
import { readFlags, UsageError, usage } from "./flags.mjs";
import { machine, versionsOf } from "./machine.mjs";
import { measure } from "./measure.mjs";
import { kernels, networks } from "./networks.mjs";
import { clockScript, RunError, runScript } from "./processes.mjs";
import { acceptRatios, checkRatios } from "./ratios.mjs";
import { printReport } from "./report.mjs";
import { moduleSize, runtimeSize } from "./sizes.mjs";
import { median } from "./statistics.mjs";
import { textHead, textRow } from "./table.mjs";

/** The wide mode is for engines that can join vectors in pairs. */
const hasWideMode = Number(process.versions.node.split(".")[0]) >= 24;

/** The engines of a run, ours first, and the page that it writes. */
const comparisons = {
  wasm: {
    engines: ["cnnc", "onnxruntime-web", "tfjs"],
    runtimes: ["onnxruntime-web", "tfjs"],
    page: "benchmarks.md",
    command: "npm run bench",
  },
  native: {
    engines: ["cnnc", ...(hasWideMode ? ["cnnc-wide"] : []), "onnxruntime-node"],
    runtimes: [],
    page: "benchmarks-native.md",
    command: "npm run bench -- --native",
  },
};

/** The native engine is large, so it is installed when it is first wanted. */
function installNative() {
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  const cwd = path.join(import.meta.dirname, "native");
  const { status } = spawnSync("npm", args, { cwd, stdio: "inherit" });
  if (status !== 0) throw new RunError("onnxruntime-node could not be installed");
}

/** One network: a row for each number of threads, printed as it is measured. */
async function measureNetwork(network, folder, run, empty) {
  const facts = runScript("prepare.mjs", { network, folder });
  if (facts.error) throw new RunError(`${network.name} is not compiled: ${facts.error}`);
  const { name, title } = network;
  const rows = [];
  for (const threads of network.threads) {
    const job = { folder, threads, seconds: run.seconds };
    const figures = await measure(run.engines, job, { ...run, macs: facts.macs });
    const alone = rows[0]?.figures.cnnc ?? figures.cnnc;
    const row = { name, title, macs: facts.macs, threads, figures: { ...figures, empty }, alone };
    rows.push({ ...row, size: moduleSize(folder) });
    printRow(row, run);
  }
  if (network.typescript && !run.native) rows[0].typescript = timeTypescript(folder, run, facts);
  return rows;
}

function timeTypescript(folder, { seconds }, { macs }) {
  const engine = "cnnc-typescript";
  const { ms, error } = runScript("timed.mjs", { engine, folder, threads: 1, seconds });
  if (error) throw new RunError(`the TypeScript target does not run: ${error}`);
  const gflops = (2 * macs) / (1e6 * ms);
  console.log(`  ${titles[engine]}: ${ms.toFixed(1)} ms, ${gflops.toFixed(1)} GFLOP/s`);
  return { ms, gflops };
}

const threadsColumn = { title: "threads", cell: ({ threads }) => String(threads) };
const linesOf = (engines, threads) => {
  const [network, ...others] = timeColumns(engines, threads);
  return [network, threadsColumn, ...others];
};

function printRow(row, { engines }) {
  console.log(textRow(linesOf(engines, row.threads), row));
  for (const [engine, { problem }] of Object.entries(row.figures)) {
    if (problem) console.log(`  ${titles[engine]}: ${problem}`);
  }
}

/** All rows of a run; ours must run alone and nobody's outputs may be other than ours. */
async function measureAll(run) {
  const root = mkdtempSync(path.join(os.tmpdir(), "cnnc-bench-"));
  const starts = [];
  for (let i = 0; i < run.coldStarts; i++) starts.push(await clockScript("empty.mjs", {}));
  const empty = {
    cold: median(starts.map(({ cold }) => cold)),
    memory: median(starts.map(({ memory }) => memory)),
  };
  try {
    const rows = [];
    for (const network of run.networks) {
      rows.push(...(await measureNetwork(network, path.join(root, network.name), run, empty)));
    }
    return rows;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The kernels of some layers alone, a row each. */
function measureKernels() {
  console.log(textHead(kernelColumns));
  return kernels.map((kernel) => {
    const { error, ...figures } = runScript("kernel.mjs", kernel);
    const row = { title: kernel.title, algorithm: error, ...figures };
    console.log(textRow(kernelColumns, row));
    return row;
  });
}

function check(rows) {
  const { slipped, compared, tolerance } = checkRatios(rows);
  if (compared === 0) {
    throw new RunError("ratios.json has nothing for these networks: --accept writes it");
  }
  for (const line of slipped) console.log(`slipped: ${line}`);
  const good = compared - slipped.length;
  console.log(`${good} of ${compared} committed ratios hold (up to ${tolerance} above).`);
  return slipped.length === 0;
}

function writePage(run, rows) {
  const file = path.join(import.meta.dirname, "..", "docs", run.page);
  const runtimes = run.runtimes.map((engine) => ({ engine, ...runtimeSize(engine) }));
  const alone = run.native ? [] : measureKernels();
  writeFileSync(file, printReport({ ...run, rows, runtimes, kernels: alone }));
  console.log(`docs/${run.page} is written.`);
}

/** Outputs that are not ours, or differ with the number of threads, or none of ours. */
const isWrong = ({ threads, figures }) =>
  Object.values(figures).some(({ wrong, sameBits }) => wrong || sameBits === false) ||
  (threads === 1 && figures.cnnc.problem);

async function main(args) {
  const flags = readFlags(args, networks);
  if (flags.help) {
    console.log(usage);
    return true;
  }
  if (flags.native) installNative();
  const run = { ...flags, ...comparisons[flags.native ? "native" : "wasm"] };
  console.log([machine.cpu, machine.node, ...versionsOf(run.engines)].join(", "));
  console.log(textHead(linesOf(run.engines, 1)));
  const rows = await measureAll(run);
  if (run.writesPage) writePage(run, rows);
  if (run.accept) acceptRatios(rows);
  const good = !run.check || check(rows);
  return good && !rows.some(isWrong);
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof RunError)) throw error;
  console.error(isUsage ? `${error.message}\n\n${usage}` : error.message);
  process.exitCode = isUsage ? 2 : 1;
}
